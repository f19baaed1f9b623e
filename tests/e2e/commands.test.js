// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Every command of the catalog, through both doors: what it answers, what the others hear of it, and who may not
// give it (rules.md, Commands).

"use strict";

const assert = require("node:assert/strict");
const { Hub, assertError, randomUUID, secretOf, test } = require("./hub.js");

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** An office with a project, Ana who owns it, Ben (member), Mia (manager) and Gus (guest of the project). */
async function studio(t) {
  const hub = await Hub.office(t);
  const token = hub.token("ana");
  const ana = await hub.connect(token);
  const { project } = await ana.do("project:create", { name: "Studio", key: "STU" });
  const people = { ben: await hub.join("Ben"), mia: await hub.join("Mia", "--role", "manager") };
  people.gus = await hub.join("Gus", "--role", "guest", "--project", "STU");
  const ben = await hub.connect(people.ben.accessToken);
  const mia = await hub.connect(people.mia.accessToken);
  const gus = await hub.connect(people.gus.accessToken);
  return { hub, token, ana, ben, mia, gus, people, project, room: `project:${project.id}` };
}

test("task:create fills in what was left out", async (t) => {
  const { ana, ben, people, project } = await studio(t);
  const plain = (await ana.do("task:create", { projectId: project.id, title: " Plain " })).task;
  assert.equal(plain.title, "Plain");
  assert.equal(plain.key, "STU-1");
  assert.equal(plain.status, "todo");
  assert.equal(plain.kind, "task");
  assert.equal(plain.description, "");
  assert.equal(plain.dueAt, null);
  assert.equal(plain.completedAt, null);
  assert.deepEqual(plain.assignees, []);
  assert.match(plain.createdAt, instant);
  assert.ok(plain.priority >= 1 && plain.priority <= 4);

  const full = (await ana.do("task:create", {
    id: randomUUID(),
    projectId: project.id,
    title: "Full",
    description: "Line one\n\tLine two",
    status: "in_progress",
    priority: 1,
    assigneeIds: [people.ben.user.id, people.mia.user.id],
    dueAt: "2026-12-24",
    kind: "task",
    after: null,
  })).task;
  assert.equal(full.description, "Line one\n\tLine two");
  assert.equal(full.status, "in_progress");
  assert.equal(full.priority, 1);
  assert.equal(full.dueAt, "2026-12-24");
  assert.deepEqual(full.assignees.map((one) => one.userId).sort(), [people.ben.user.id, people.mia.user.id].sort());
  assert.match(full.assigneeName, /Ben/);
  assert.match(full.assigneeName, /Mia/);
  assert.deepEqual((await ben.next("task:created", (e) => e.task.id === full.id)).task, full);
});

test("task:update changes what it names, and says what", async (t) => {
  const { ana, ben, people, project } = await studio(t);
  const { task } = await ana.do("task:create", { projectId: project.id, title: "Old", dueAt: "2026-12-24" });
  const changes = [
    [{ title: "New" }, "title"],
    [{ description: "Words" }, "description"],
    [{ priority: 2 }, "priority"],
    [{ assigneeIds: [people.ben.user.id] }, "assignees"],
    [{ dueAt: null }, "dueAt"],
    [{ dueAt: "2026-12-24T09:30:00.000Z" }, "dueAt"],
  ];
  let version = task.version;
  for (const [change, field] of changes) {
    const answer = await ana.do("task:update", { id: task.id, base: version, ...change });
    version += 1;
    assert.equal(answer.task.version, version);
    const event = await ben.next("task:updated");
    assert.deepEqual(event.changed, [field]);
    assert.deepEqual(event.task, answer.task);
    if (field !== "assignees") assert.equal(event.task[field], change[field]);
  }
  const done = (await ana.do("task:update", { id: task.id, status: "done" })).task;
  assert.equal(done.status, "done");
  assert.match(done.completedAt, instant);
  assert.equal((await ana.do("task:update", { id: task.id, status: "todo" })).task.completedAt, null);
});

test("task:move orders the columns", async (t) => {
  const { hub, token, ana, ben, project } = await studio(t);
  const ids = {};
  for (const title of ["A", "B", "C"]) {
    ids[title] = (await ana.do("task:create", { projectId: project.id, title })).task.id;
  }
  const order = async () => {
    const { tasks } = (await hub.get(`/tasks?project=${project.id}`, token)).body;
    tasks.sort((a, b) => (a.position < b.position ? -1 : 1));
    const column = (status) => tasks.filter((task) => task.status === status).map((task) => task.title).join("");
    return `${column("todo")}/${column("done")}`;
  };
  assert.equal(await order(), "ABC/");
  await ana.do("task:move", { id: ids.C, status: "todo", after: null });
  assert.equal(await order(), "CAB/");
  await ana.do("task:move", { id: ids.C, status: "todo", after: ids.A });
  assert.equal(await order(), "ACB/");
  await ana.do("task:move", { id: ids.A, status: "todo" });
  assert.equal(await order(), "CBA/");
  await ana.do("task:move", { id: ids.B, status: "done" });
  await ana.do("task:move", { id: ids.A, status: "done", after: null });
  assert.equal(await order(), "C/AB");
  const event = await ben.next("task:moved", (e) => e.task.id === ids.A && e.task.status === "done");
  assert.ok(event.changed.includes("status"));
});

test("task:delete and task:undo_delete", async (t) => {
  const { hub, token, ana, ben, project } = await studio(t);
  const { task } = await ana.do("task:create", { projectId: project.id, title: "Short-lived" });
  const deleted = await ana.do("task:delete", { id: task.id });
  assert.equal(deleted.taskId, task.id);
  const event = await ben.next("task:deleted");
  assert.equal(event.taskId, task.id);
  assert.equal(event.task.title, "Short-lived");
  assert.equal(event.seq, deleted.seq);
  assert.equal((await hub.get(`/tasks/${task.id}`, token)).status, 404);
  await ana.refused("not_found", "task:update", { id: task.id, title: "Too late" });
  await ana.refused("not_found", "task:delete", { id: task.id });

  const restored = await ana.do("task:undo_delete", { id: task.id });
  assert.equal(restored.task.key, task.key);
  const back = await ben.next("task:created", (e) => e.restored === true);
  assert.equal(back.task.title, "Short-lived");
  assert.equal((await hub.get(`/tasks/${task.id}`, token)).status, 200);
  await ana.refused("not_found", "task:undo_delete", { id: task.id });
});

test("a restored task has a place of its own", async (t) => {
  const { ana, project } = await studio(t);
  const make = async (title) => (await ana.do("task:create", { projectId: project.id, title })).task;
  const first = await make("First");
  await ana.do("task:delete", { id: first.id });
  const second = await make("Second");
  const restored = (await ana.do("task:undo_delete", { id: first.id })).task;
  assert.notEqual(restored.position, second.position);
});

test("projects get a key of their own, whatever they are called", async (t) => {
  const { ana } = await studio(t);
  const keys = new Set(["STU"]);
  for (const name of ["Studio", "Studio", "S", "1", "Студия", "スタジオ", "\u{1f3b9}", "Ünal & Söhne"]) {
    const { project } = await ana.do("project:create", { name });
    assert.match(project.key, /^[A-Z][A-Z0-9]*$/, name);
    assert.equal(keys.has(project.key), false, `${name}: ${project.key} twice`);
    keys.add(project.key);
    assert.equal((await ana.do("task:create", { projectId: project.id, title: "x" })).task.key, `${project.key}-1`);
  }
});

test("project:create, project:update, project:archive", async (t) => {
  const { ana, ben, gus, mia, people } = await studio(t);
  const made = await mia.do("project:create", { name: "Cellar", color: "#FF7800", memberIds: [people.mia.user.id] });
  assert.equal(made.project.color, "#ff7800");
  assert.match(made.project.key, /^[A-Z][A-Z0-9]*$/);
  assert.equal(made.seq, 1);
  const id = made.project.id;
  assert.equal((await ana.next("room:joined", (e) => e.room === `project:${id}`)).seq, 0);
  await ana.next("project:created", (e) => e.projectId === id);

  // Ben is let in, hears of it, and is shown the door again.
  await mia.do("project:update", { id, name: "Wine cellar", memberIds: [people.mia.user.id, people.ben.user.id] });
  assert.equal((await ben.next("room:joined", (e) => e.room === `project:${id}`)).seq, 2);
  await mia.do("task:create", { projectId: id, title: "Bottle" });
  await ben.next("task:created", (e) => e.task.title === "Bottle");
  await mia.do("project:update", { id, memberIds: [people.mia.user.id] });
  assert.equal((await ben.next("room:left")).room, `project:${id}`);
  await mia.do("task:create", { projectId: id, title: "Cork" });
  await ben.do("office:describe"); // whatever was sent to Ben before this has arrived
  assert.equal(ben.events.some((event) => event.body.task?.title === "Cork"), false);
  assert.equal(gus.events.some((event) => event.body.projectId === id), false);

  const archived = await mia.do("project:archive", { id });
  assert.equal(archived.project.archived, true);
  assert.equal((await ana.next("project:archived")).project.id, id);
  await mia.refused("conflict", "task:create", { projectId: id, title: "Too late" });
});

test("timer:start and timer:stop", async (t) => {
  const { ana, ben, gus, people, project } = await studio(t);
  const { task } = await ana.do("task:create", { projectId: project.id, title: "Timed" });
  const first = await ben.do("timer:start", { taskId: task.id, note: "Soldering" });
  assert.equal(first.entry.userId, people.ben.user.id);
  assert.equal(first.entry.projectId, project.id);
  assert.equal(first.entry.endTime, null);
  assert.equal(first.stopped, undefined);
  const started = await ana.next("timer:started");
  assert.equal(started.timeEntryId, first.entry.id);
  assert.equal(started.userId, people.ben.user.id);
  assert.equal(started.taskId, task.id);
  assert.equal(started.startTime, first.entry.startTime);

  // One timer a person: the next one ends it where it begins.
  const second = await ben.do("timer:start", { projectId: project.id });
  assert.equal(second.stopped.id, first.entry.id);
  assert.equal(second.stopped.endTime, second.entry.startTime);
  const stopped = await ana.next("timer:stopped");
  assert.equal(stopped.timeEntryId, first.entry.id);
  assert.equal(stopped.durationMinutes, 0);
  const { entry } = await ben.do("timer:stop");
  assert.equal(entry.id, second.entry.id);
  assert.match(entry.endTime, instant);
  await ana.next("timer:stopped", (e) => e.timeEntryId === entry.id);
  await ben.refused("not_found", "timer:stop");

  // Backdated, and then another that begins before it: no span runs backwards.
  const hour = new Date(Date.now() - 3_600_000).toISOString();
  const third = await ben.do("timer:start", { startTime: hour });
  assert.equal(third.entry.startTime, hour);
  const earlier = await ben.do("timer:start", { startTime: new Date(Date.now() - 7_200_000).toISOString() });
  assert.ok(earlier.stopped.endTime >= earlier.stopped.startTime);
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  assert.equal((await ben.refused("invalid", "timer:start", { startTime: tomorrow })).field, "startTime");

  // A manager may stop anybody's; another member may not, and learns nothing.
  const running = earlier.entry.id;
  const cara = await ana.ask("timer:stop", { id: randomUUID() });
  await gus.refused("forbidden", "timer:stop");
  assertError(cara, "not_found");
  assert.equal((await ana.do("timer:stop", { id: running })).entry.id, running);
  assert.equal(gus.names().some((name) => name.startsWith("timer:")), false);
});

test("presence:update, presence:viewing, room:join, room:leave", async (t) => {
  const { hub, ana, ben, project, room } = await studio(t);
  const { task } = await ana.do("task:create", { projectId: project.id, title: "Looked at" });
  await ben.do("presence:update", { status: "away" });
  await ben.do("presence:viewing", { taskId: task.id });
  await ana.next("presence:users_viewing", (e) => e.users.length === 1);
  await ben.do("presence:viewing", { taskId: null });
  await ana.next("presence:users_viewing", (e) => e.users.length === 0);

  const office = await ben.do("office:describe");
  const workspaceId = office.workspaces[0].id;
  assert.equal((await ben.do("room:join", { projectId: project.id })).room, room);
  assert.equal((await ben.do("room:join", { workspaceId })).room, `workspace:${workspaceId}`);
  assert.equal((await ben.do("room:join", { taskId: task.id })).room, `task:${task.id}`);
  assert.equal((await ben.do("room:leave", { taskId: task.id })).room, `task:${task.id}`);

  // What other systems call the same.
  assert.equal((await ben.do("room:join", { programId: project.id })).room, room);
  assert.equal((await ben.do("room:join", { organizationId: workspaceId })).room, `workspace:${workspaceId}`);
  assert.equal((await ben.ask("leave:project", project.id)).room, room);
  await ana.do("task:create", { projectId: project.id, title: "Not heard" });
  await ben.do("office:describe");
  assert.equal(ben.events.some((event) => event.body.task?.title === "Not heard"), false);
  assert.equal((await ben.ask("join:project", project.id)).room, room);
  assert.equal((await ben.ask("join:project", { projectId: project.id })).room, room);
  await ana.do("task:create", { projectId: project.id, title: "Heard" });
  await ben.next("task:created", (e) => e.task.title === "Heard");

  // In two of an event's rooms, it comes once.
  await ben.do("room:join", { taskId: task.id });
  const { seq } = await ana.do("task:update", { id: task.id, title: "Looked at twice" });
  await ben.next("task:updated", (e) => e.seq === seq);
  await ben.do("office:describe");
  assert.equal(ben.events.filter((event) => event.body.seq === seq && event.body.room === room).length, 1);

  // They belong to a live connection.
  const rest = await hub.command(hub.token("ben"), "presence:update", { status: "away" });
  assert.equal(rest.status, 422);
  assertError(rest.body, "invalid");
});

test("member:invite and member:update_self", async (t) => {
  const { hub, ana, ben, people } = await studio(t);
  const { invitation } = await ana.do("member:invite", { role: "guest", uses: 2, hours: 1 });
  assert.equal(invitation.role, "guest");
  assert.equal(invitation.uses, 2);
  assert.match(invitation.code, /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
  assert.match(invitation.link, /^bureau:\/\/127\.0\.0\.1:\d+\/#v1\.[\w-]*\.[\w-]+$/);
  const left = Date.parse(invitation.expiresAt) - Date.now();
  assert.ok(left > 3_500_000 && left <= 3_600_000);

  const code = secretOf(invitation.link);
  const answers = [];
  for (let i = 0; i < 3; i++) answers.push(await hub.post("/auth/join", { code, name: "Eve", device: "test" }));
  assert.deepEqual(answers.map((answer) => answer.status), [200, 200, 403]);
  assert.equal(answers[0].body.user.role, "guest");
  assert.notEqual(answers[0].body.user.id, answers[1].body.user.id);

  await ana.next("member:joined", (e) => e.member.id === answers[0].body.user.id);
  const { member } = await ben.do("member:update_self", { name: "Benjamin", color: "#3584E4" });
  assert.equal(member.name, "Benjamin");
  assert.equal(member.color, "#3584e4");
  const event = await ana.next("member:updated");
  assert.equal(event.member.id, people.ben.user.id);
  assert.equal(event.userName, "Benjamin");
});

test("office:describe and the REST readers", async (t) => {
  const { hub, token, ana, gus, people, project } = await studio(t);
  const described = await ana.do("office:describe");
  const rest = await hub.get("/office", token);
  assert.equal(rest.status, 200);
  assert.deepEqual(rest.body, described);
  assert.equal(described.user.name, "Ana");
  assert.equal(described.workspaces[0].name, "Studio");
  assert.equal(described.workspaces[0].role, "owner");
  assert.deepEqual(described.members.map((member) => member.name).sort(), ["Ana", "Ben", "Gus", "Mia"]);
  assert.ok(described.projects.some((one) => one.id === project.id));

  const seen = await gus.do("office:describe");
  assert.deepEqual(seen.projects.map((one) => one.id), [project.id]);

  const presence = (await hub.get("/presence", token)).body;
  assert.equal(presence.ok, true);
  assert.ok(presence.users.some((user) => user.userId === people.ben.user.id && user.status === "online"));
  assert.deepEqual((await hub.get("/health")).body, { ok: true });
});

test("REST answers as the live connection does", async (t) => {
  const { hub, token, ana, people, project } = await studio(t);
  const made = await hub.command(token, "task:create", { projectId: project.id, title: "Over REST" });
  assert.equal(made.status, 200);
  assert.equal(made.body.ok, true);
  assert.deepEqual((await ana.next("task:created")).task, made.body.task);

  const cases = [
    [401, "unauthenticated", undefined, "task:create", {}],
    [401, "unauthenticated", "garbage", "task:create", {}],
    [403, "forbidden", people.gus.accessToken, "project:create", { name: "Guest's" }],
    [404, "not_found", token, "task:update", { id: randomUUID(), title: "x" }],
    [422, "invalid", token, "task:create", { projectId: project.id }],
    [422, "invalid", token, "no:such_command", {}],
    [413, "too_large", token, "task:create", { projectId: project.id, title: "x".repeat(501) }],
    [409, "conflict", token, "project:create", { id: project.id, name: "Taken" }],
  ];
  for (const [status, code, who, name, params] of cases) {
    const answer = await hub.command(who, name, params);
    assert.equal(answer.status, status, `${name}: ${answer.text}`);
    assertError(answer.body, code, name);
    if (who === token) assert.deepEqual(await ana.ask(name, params), answer.body);
  }
  for (const where of ["/office", "/tasks", `/tasks/${randomUUID()}`, "/presence", "/snapshot", "/events", "/heads"]) {
    const answer = await hub.get(where);
    assert.equal(answer.status, 401, where);
    assertError(answer.body, "unauthenticated", where);
  }
  assert.equal((await hub.get("/no/such/thing", token)).status, 404);
  assert.equal((await hub.request("DELETE", "/office", { token })).status, 405);
});

test("a guest makes requests, and changes only those", async (t) => {
  const { ana, mia, gus, project } = await studio(t);
  const { task } = await ana.do("task:create", { projectId: project.id, title: "Ana's" });
  const request = (await gus.do("task:create", { projectId: project.id, title: "Please", status: "todo" })).task;
  assert.equal(request.status, "requested");
  assert.equal(request.kind, "request");

  await gus.do("task:update", { id: request.id, title: "Please, please" });
  await gus.refused("forbidden", "task:update", { id: request.id, status: "todo" });
  await gus.refused("forbidden", "task:move", { id: request.id, status: "requested" });
  await gus.refused("forbidden", "task:update", { id: task.id, title: "Guest's" });
  await gus.refused("forbidden", "task:delete", { id: task.id });
  await gus.refused("forbidden", "timer:start", { projectId: project.id });
  await gus.refused("forbidden", "project:create", { name: "Guest's" });
  await gus.refused("forbidden", "project:update", { id: project.id, name: "Guest's" });
  await gus.refused("forbidden", "project:archive", { id: project.id });
  await gus.refused("forbidden", "member:invite");

  await mia.do("task:update", { id: request.id, status: "todo" });
  await gus.refused("forbidden", "task:update", { id: request.id, title: "Too late" });
  await gus.refused("forbidden", "task:delete", { id: request.id });
});

test("a member's limits", async (t) => {
  const { ana, ben, mia, gus, project } = await studio(t);
  const request = (await gus.do("task:create", { projectId: project.id, title: "Please" })).task;
  await ben.refused("forbidden", "task:move", { id: request.id, status: "todo" });
  await ben.refused("forbidden", "project:create", { name: "Ben's" });
  await ben.refused("forbidden", "project:update", { id: project.id, name: "Ben's" });
  await ben.refused("forbidden", "project:archive", { id: project.id });
  await ben.refused("forbidden", "member:invite", {});
  await mia.refused("forbidden", "member:invite", { role: "owner" });
  await ana.do("member:invite", { role: "owner" });
  await mia.do("task:move", { id: request.id, status: "todo" });
});

test("what one may not see is answered as if it were not there", async (t) => {
  const { hub, ana, mia, ben, gus, people } = await studio(t);
  const { project } = await mia.do("project:create", { name: "Secret", memberIds: [people.mia.user.id] });
  const { task } = await mia.do("task:create", { projectId: project.id, title: "Secret plan" });
  const { entry } = await ana.do("timer:start", { projectId: project.id });
  const nowhere = randomUUID();
  const commands = [
    ["task:create", (id) => ({ projectId: id, title: "x" }), project.id],
    ["task:update", (id) => ({ id, title: "x" }), task.id],
    ["task:move", (id) => ({ id, status: "done" }), task.id],
    ["task:delete", (id) => ({ id }), task.id],
    ["task:undo_delete", (id) => ({ id }), task.id],
    ["project:update", (id) => ({ id, name: "x" }), project.id],
    ["project:archive", (id) => ({ id }), project.id],
    ["timer:start", (id) => ({ taskId: id }), task.id],
    ["timer:start", (id) => ({ projectId: id }), project.id],
    ["timer:stop", (id) => ({ id }), entry.id],
    ["presence:viewing", (taskId) => ({ taskId }), task.id],
    ["room:join", (taskId) => ({ taskId }), task.id],
    ["room:join", (projectId) => ({ projectId }), project.id],
    ["room:join", (workspaceId) => ({ workspaceId }), nowhere],
    ["room:leave", (projectId) => ({ projectId }), project.id],
  ];
  for (const [name, params, id] of commands) {
    for (const person of [ben, gus]) {
      const hidden = await person.ask(name, params(id));
      const absent = await person.ask(name, params(nowhere));
      assert.equal(hidden.ok, false, name);
      assert.deepEqual(hidden, absent, name);
    }
  }
  for (const where of [`/tasks/${task.id}`, `/events?room=project:${project.id}`]) {
    const hidden = await hub.get(where, people.ben.accessToken);
    const absent = await hub.get(where.replace(/[0-9a-f-]{36}/, nowhere), people.ben.accessToken);
    assert.equal(hidden.status, absent.status, where);
    assert.equal(hidden.text, absent.text, where);
  }
  assert.deepEqual((await hub.get(`/tasks?project=${project.id}`, people.ben.accessToken)).body.tasks, []);
  assert.doesNotMatch(JSON.stringify([ben.events, gus.events]), /Secret/);
});

test("ids of people who are not in the office are refused", async (t) => {
  const { ana, project } = await studio(t);
  const stranger = randomUUID();
  const create = { projectId: project.id, title: "x", assigneeIds: [stranger] };
  assert.equal((await ana.refused("invalid", "task:create", create)).field, "assigneeIds");
  const made = await ana.refused("invalid", "project:create", { name: "x", memberIds: [stranger] });
  assert.equal(made.field, "memberIds");
  const { task } = await ana.do("task:create", { projectId: project.id, title: "x" });
  assert.equal(task.key, "STU-1");
});

test("who is too fast is told how long to wait, and costs nobody else anything", async (t) => {
  const hub = await Hub.office(t);
  const ana = await hub.connect(hub.token("ana"));
  const other = await hub.connect(hub.token("ana"));
  const begun = Date.now();
  const answers = await Promise.all(Array.from({ length: 400 }, () => ana.ask("office:describe")));
  const good = answers.filter(({ ok }) => ok).length;
  const limited = answers.filter(({ ok }) => !ok);
  assert.ok(good >= 200 && good <= 201 + (Date.now() - begun) / 20, `${good} were answered`);
  for (const answer of limited) {
    assertError(answer, "rate_limited");
    assert.ok(answer.error.retryAfterMs > 0 && answer.error.retryAfterMs <= 21, `${answer.error.retryAfterMs} ms`);
  }
  await other.do("office:describe");
  // Those it did not answer were not carried out either; one that is waited for, is.
  await new Promise((resolve) => setTimeout(resolve, Math.max(...limited.map(({ error }) => error.retryAfterMs))));
  await ana.do("office:describe");
});

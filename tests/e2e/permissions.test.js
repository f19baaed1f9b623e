// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Who may do what (rules.md, Commands): every command of the catalog and every route of REST, as everybody, with ids of
// their own, of others and of nobody. A new command or route without a row in the tables below fails.

"use strict";

const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");
const path = require("node:path");
const { Hub, randomUUID, readToken, run, test } = require("./hub.js");

const limits = [
  "person-commands-per-second=1000", "person-commands-at-once=20000", "commands-per-second=1000",
  "commands-at-once=20000", "projects-per-hour=10000", "invitations-per-hour=10000", "members-per-hour=10000",
].flatMap((limit) => ["--limit", limit]);

function runCatalog(...words) {
  const result = spawnSync(process.env.BUREAU_CATALOG, words, { encoding: "utf8", maxBuffer: 1 << 26 });
  assert.equal(result.status, 0, result.stderr);
  return result.stdout;
}

const catalog = JSON.parse(runCatalog());

// ------------------------------------------------------------------ the offices

// What stands in one office only, so that nobody else may ever be told it.
const marks = { one: "Sternwarte", two: "Leuchtturm", project: "Kellerarchiv", note: "Geheimnotiz" };

/** Two offices on one hub, with somebody of each kind, and everybody's connection where they may have one. */
async function makeOffices(t) {
  const hub = await Hub.office(t, ...limits);
  await hub.stop("SIGTERM");
  const added = run("add-office", "--data", hub.directory, "--office", `Zwei ${marks.two}`, "--owner", "Zoe");
  assert.equal(added.status, 0, added.stderr);
  await hub.start();

  const people = {};
  const enter = async (key, accessToken, user) => {
    people[key] = { token: accessToken, id: user.id, live: await hub.connect(accessToken) };
  };
  const joinBy = async (code, name) => {
    const answer = await hub.post("/auth/join", { code, name, device: "test" });
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  };
  const owner = hub.token("ana");
  const office = (await hub.get("/office", owner)).body;
  const one = office.workspaces[0].id;
  await enter("owner", owner, office.user);
  const ask = (who, name, params) => people[who].live.do(name, params);
  const join = async (key, role, memberId) => {
    const { invitation } = await ask("owner", "member:invite", { role, ...(memberId && { memberId }) });
    const body = await joinBy(invitation.link.split(".").pop(), key);
    await enter(key, body.accessToken, body.user);
    return body;
  };

  const invited = Object.fromEntries(added.stdout.trim().split("\n").map((line) => line.split(/ (.*)/s)));
  const zoe = await joinBy(invited.link.split(".").pop(), "Zoe");
  await enter("foreign", zoe.accessToken, zoe.user);
  for (const [key, role] of [
    ["manager", "manager"], ["member", "member"], ["guest", "guest"], ["elsewhere", "member"], ["removed", "manager"],
    ["deactivated", "manager"],
  ]) {
    await join(key, role);
  }
  const { member: placeholder } = await ask("owner", "member:add", { name: "Pia" });
  const taken = await join("taken", "member", placeholder.id);
  assert.equal(taken.user.id, placeholder.id, "the placeholder was not taken over");

  const world = { hub, people, ask, one, two: zoe.workspace.id };
  await fill(world);
  await ask("owner", "member:remove", { id: people.removed.id });
  await ask("owner", "member:deactivate", { id: people.deactivated.id });
  people.nobody = { token: undefined };
  return world;
}

/** A project with a task, a request, a timer and an invitation: in ours and in the other one. */
async function fill(world) {
  const { ask, people } = world;
  const insiders = ["member", "guest", "taken", "removed", "deactivated"].map((key) => people[key].id);
  const make = async (who, office, mark, memberIds) => {
    const { project } = await ask(who, "project:create", { name: `Projekt ${mark}`, ...(memberIds && { memberIds }) });
    const { task } = await ask(who, "task:create", { projectId: project.id, title: `Aufgabe ${mark}` });
    const { entry } = await ask(who, "timer:start", { projectId: project.id, note: `${marks.note} ${mark}` });
    const { invitation } = await ask(who, "member:invite", {});
    const { member } = await ask(who, "member:add", { name: `Platzhalter ${office}` });
    return { project: project.id, task: task.id, entry: entry.id, invitation: invitation.id, member: member.id };
  };
  world.ours = await make("owner", marks.one, `${marks.one} ${marks.project}`, insiders);
  world.theirs = {
    ...(await make("foreign", marks.two, marks.two)),
    workspace: world.two,
    person: people.foreign.id,
    session: readToken(people.foreign.token).sid,
  };
  const { project } = await ask("owner", "project:create", { name: "Anderswo", memberIds: [people.elsewhere.id] });
  world.elsewhere = project.id;
}

// ------------------------------------------------------------------ who may what

const outside = { removed: "unauthenticated", deactivated: "unauthenticated", nobody: "unauthenticated" };
/** What each gets who tries it on what is the first office's. */
const row = (owner, manager, member, guest, elsewhere, foreign) => (
  { owner, manager, member, taken: member, guest, elsewhere, foreign, ...outside }
);
const everybody = row("ok", "ok", "ok", "ok", "ok", "ok");
const insiders = row("ok", "ok", "ok", "ok", "not_found", "not_found");
const members = row("ok", "ok", "ok", "forbidden", "not_found", "not_found");
const projectManagers = row("ok", "ok", "forbidden", "forbidden", "not_found", "not_found");
// Of the office as a whole: who is in the other one is an owner there, and here nobody.
const managers = row("ok", "ok", "forbidden", "forbidden", "forbidden", "not_found");

async function newTask(w) {
  const title = `Neu ${marks.one} ${marks.project}`;
  const { task } = await w.ask("owner", "task:create", { projectId: w.ours.project, title });
  return task.id;
}
const newMember = async (w) => (await w.ask("owner", "member:add", { name: `Neu ${marks.one}` })).member.id;
const newInvitation = async (w) => (await w.ask("owner", "member:invite", {})).invitation.id;

/** params: good ones, made anew for each try, but for who gives them. same: fields in which an id of nobody's here is
    not refused, but passed over. taken: fields that name a new thing, so that no other may have that name. alone: one
    field at a time. rooms: the field that names a room. */
const commands = {
  "room:join": {
    params: (w) => ({ projectId: w.ours.project }),
    who: row("ok", "ok", "ok", "ok", "forbidden", "forbidden"),
    alone: true,
  },
  "room:leave": {
    params: (w) => ({ projectId: w.ours.project }),
    who: row("ok", "ok", "ok", "ok", "forbidden", "forbidden"),
    alone: true,
  },
  "presence:update": { params: () => ({ status: "online" }), who: everybody },
  "presence:viewing": { params: (w) => ({ taskId: w.ours.task }), who: insiders },
  "task:create": {
    params: (w) => ({ projectId: w.ours.project, title: "Neu" }),
    who: insiders,
    same: ["after"],
    taken: { id: (w) => w.ours.task },
  },
  "task:update": { params: async (w) => ({ id: await newTask(w), title: "Anders" }), who: members },
  "task:move": { params: async (w) => ({ id: await newTask(w), status: "done" }), who: members, same: ["after"] },
  "task:delete": { params: async (w) => ({ id: await newTask(w) }), who: members },
  "task:undo_delete": {
    params: async (w) => {
      const id = await newTask(w);
      await w.ask("owner", "task:delete", { id });
      return { id };
    },
    who: members,
  },
  "project:create": {
    params: (w) => ({ workspaceId: w.one, name: "Neu" }),
    who: managers,
    taken: { id: (w) => w.ours.project },
  },
  "project:update": { params: (w) => ({ id: w.ours.project, color: "#112233" }), who: projectManagers },
  "project:archive": {
    params: async (w) => {
      const memberIds = ["member", "guest", "taken"].map((key) => w.people[key].id);
      const { project } = await w.ask("owner", "project:create", { workspaceId: w.one, name: "Alt", memberIds });
      return { id: project.id };
    },
    who: projectManagers,
  },
  "timer:start": {
    params: (w) => ({ projectId: w.ours.project }),
    who: members,
    taken: { id: (w) => w.othersEntry },
  },
  "timer:stop": {
    params: async (w, who) => {
      if (who === "member" || who === "taken") await w.ask(who, "timer:start", { projectId: w.ours.project });
      else await w.ask("owner", "timer:start", { projectId: w.ours.project });
      return who === "member" || who === "taken" ? {} : { id: (await w.ask("owner", "timer:start", {})).entry.id };
    },
    who: row("ok", "ok", "ok", "not_found", "not_found", "not_found"),
  },
  "member:invite": { params: (w) => ({ workspaceId: w.one }), who: managers },
  "member:list_invites": { params: (w) => ({ workspaceId: w.one }), who: managers },
  "member:renew_code": {
    params: async (w) => ({ id: await newInvitation(w) }),
    who: row("ok", "ok", "not_found", "not_found", "not_found", "not_found"),
  },
  "member:revoke_invite": {
    params: async (w) => ({ id: await newInvitation(w) }),
    who: row("ok", "ok", "not_found", "not_found", "not_found", "not_found"),
  },
  "member:add": {
    params: (w) => ({ workspaceId: w.one, name: "Neu" }),
    who: managers,
    taken: { id: (w) => w.people.member.id },
  },
  "member:set_role": {
    params: async (w) => ({ workspaceId: w.one, id: await newMember(w), role: "guest" }),
    who: managers,
  },
  "member:deactivate": { params: async (w) => ({ workspaceId: w.one, id: await newMember(w) }), who: managers },
  "member:reactivate": {
    params: async (w) => {
      const id = await newMember(w);
      await w.ask("owner", "member:deactivate", { id });
      return { workspaceId: w.one, id };
    },
    who: managers,
  },
  "member:remove": { params: async (w) => ({ workspaceId: w.one, id: await newMember(w) }), who: managers },
  "member:update_self": { params: () => ({ color: "#445566" }), who: everybody },
  "account:set_password": { params: () => ({ password: `${randomUUID()} x` }), who: everybody },
  "device:list": { params: () => ({}), who: everybody },
  "device:sign_out": { params: () => ({ id: randomUUID() }), who: row(...Array(6).fill("not_found")) },
  "auth:refresh": { params: (w, who) => ({ token: w.people[who].token ?? "none" }), who: everybody },
  "audit:list": { params: (w) => ({ workspaceId: w.one }), who: managers },
  "office:describe": { params: () => ({}), who: everybody },
  "sync:since": {
    params: (w) => ({ room: `project:${w.ours.project}`, seq: 0 }),
    who: row("ok", "ok", "ok", "ok", "forbidden", "forbidden"),
    rooms: "room",
  },
};

/** The answer, by the live connection where there is one, or else over REST. */
async function give(w, who, name, params) {
  const person = w.people[who];
  if (person.live?.socket.connected) return person.live.ask(name, params);
  return (await w.hub.command(person.token, name, params)).body;
}

const codeOf = (answer) => (answer.ok ? "ok" : answer.error.code);
const dump = (w) => runCatalog(path.join(w.hub.directory, "hub.db"));

/** Nothing of what is in @answer is for those only who are not in this person's office or project. */
function assertDiscreet(answer, who, about) {
  const text = JSON.stringify(answer);
  if (who === "foreign") assert.ok(!text.includes(marks.one), `${about}: the other office: ${text}`);
  else assert.ok(!text.includes(marks.two), `${about}: the other office: ${text}`);
  if (who === "elsewhere") assert.ok(!text.includes(marks.project), `${about}: the other project: ${text}`);
  // Who was removed or deactivated managed the office until then.
  if (!["owner", "manager", "removed", "deactivated"].includes(who)) {
    assert.ok(!text.includes(`${marks.note} ${marks.one}`), `${about}: a note`);
  }
}

test("every command and every route has its row", () => {
  assert.deepEqual(Object.keys(commands).sort(), catalog.commands.map(({ name }) => name).sort());
  for (const route of catalog.routes) assert.ok(routes[route], `${route} has no row`);
  for (const { name, role } of catalog.commands) {
    // What the catalog offers to nobody of a role, that role can't do.
    const order = ["guest", "member", "manager", "owner"];
    for (const lower of order.slice(0, order.indexOf(role))) assert.notEqual(commands[name].who[lower], "ok", name);
  }
});

test("nobody can do what their row does not say", async (t) => {
  const w = await makeOffices(t);
  for (const { name } of catalog.commands) {
    const { params, who } = commands[name];
    const refused = Object.keys(who).filter((key) => who[key] !== "ok");
    const tries = [];
    for (const key of refused) tries.push([key, await params(w, key)]);
    const before = dump(w);
    for (const [key, given] of tries) {
      const answer = await give(w, key, name, given);
      assert.equal(codeOf(answer), who[key], `${name} as ${key}: ${JSON.stringify(answer)}`);
      assertDiscreet(answer, key, `${name} as ${key}`);
    }
    assert.equal(dump(w), before, `${name}: a refused one changed something`);
    for (const key of Object.keys(who).filter((each) => who[each] === "ok")) {
      const answer = await give(w, key, name, await params(w, key));
      assert.equal(codeOf(answer), "ok", `${name} as ${key}: ${JSON.stringify(answer)}`);
      if (name !== "auth:refresh") assertDiscreet(answer, key, `${name} as ${key}`);
    }
  }
  // And nobody was told of it by an event.
  for (const [key, { live }] of Object.entries(w.people)) if (live) assertDiscreet(live.events, key, "events");
});

test("an id of another office is answered as one that there is not", async (t) => {
  const w = await makeOffices(t);
  w.othersEntry = (await w.ask("manager", "timer:start", { projectId: w.ours.project })).entry.id;
  const strangers = Object.entries(w.theirs);
  for (const command of catalog.commands) {
    const { name, fields } = command;
    const { params, who, same = [], taken = {}, alone, rooms } = commands[name];
    const asker = who.owner === "ok" || name === "device:sign_out" ? "owner" : "member";
    for (const field of fields.filter(({ id, list }) => id || list)) {
      if (taken[field.name]) continue;
      const base = alone ? {} : await params(w, asker);
      const ask = async (id) => {
        const answer = await give(w, asker, name, { ...base, [field.name]: field.list ? [id] : id });
        return JSON.stringify(answer).replaceAll(id, "ID");
      };
      const before = dump(w);
      for (const [kind, foreign] of strangers) {
        const about = `${name} ${field.name}: a ${kind}`;
        const answers = [await ask(foreign), await ask(randomUUID())];
        const passedOver = same.includes(field.name);
        for (const answer of answers) assert.equal(JSON.parse(answer).ok, passedOver, `${about}: ${answer}`);
        if (!passedOver) assert.equal(answers[0], answers[1], about);
      }
      if (!same.includes(field.name)) assert.equal(dump(w), before, `${name} ${field.name}`);
    }
    for (const [kind, foreign] of rooms ? strangers : []) {
      const base = await params(w, asker);
      for (const room of [kind, "time", "manage", "user"]) {
        const ask = async (id) => {
          const answer = await give(w, asker, name, { ...base, [rooms]: `${room}:${id}` });
          return JSON.stringify(answer).replaceAll(id, "ID");
        };
        const answers = [await ask(foreign), await ask(randomUUID())];
        assert.equal(JSON.parse(answers[0]).error.code, "forbidden", `${name}: ${room}:${kind}`);
        assert.equal(answers[0], answers[1], `${name}: ${room}:${kind}`);
      }
    }
    // The name of a new thing: whose it is already is not told.
    for (const [field, own] of Object.entries(taken)) {
      const kind = { "task:create": "task", "project:create": "project", "timer:start": "entry" }[name] ?? "person";
      const base = await params(w, "owner");
      const before = dump(w);
      const answers = [];
      for (const id of [w.theirs[kind], own(w)]) answers.push(await give(w, "owner", name, { ...base, [field]: id }));
      assert.deepEqual(answers[0], answers[1], name);
      assert.equal(codeOf(answers[0]), "conflict", name);
      assert.equal(dump(w), before, name);
    }
  }
});

// What an archived project still takes; all else of a project or its tasks is a conflict.
const archivedToo = ["room:join", "room:leave", "presence:viewing"];

test("an archived project is read, and no more", async (t) => {
  const w = await makeOffices(t);
  const { project } = await w.ask("owner", "project:create", { name: "Alt", memberIds: [w.people.member.id] });
  const { task } = await w.ask("owner", "task:create", { projectId: project.id, title: "Alt" });
  const { task: gone } = await w.ask("owner", "task:create", { projectId: project.id, title: "Fort" });
  await w.ask("owner", "task:delete", { id: gone.id });
  await w.ask("owner", "project:archive", { id: project.id });
  const before = dump(w);
  let tried = 0;
  for (const { name, fields } of catalog.commands) {
    const own = { task: name === "task:undo_delete" ? gone.id : task.id, project: project.id }[name.split(":")[0]];
    const places = fields.filter(({ id }) => id).map((field) => field.name);
    const given = { projectId: project.id, taskId: task.id, ...(name !== "task:create" && own && { id: own }) };
    for (const place of places.filter((each) => given[each]).filter((each) => name !== "project:create" || each !== "id")) {
      const rest = name === "task:create" ? { title: "Neu" } : name === "task:move" ? { status: "done" } : {};
      for (const who of ["owner", "member"]) {
        const answer = await give(w, who, name, { ...rest, [place]: given[place] });
        const refusals = who === "member" && /^(project|member):/.test(name) ? ["forbidden"] : ["conflict"];
        if (archivedToo.includes(name)) assert.notEqual(codeOf(answer), "conflict", `${name} ${place} as ${who}`);
        else assert.ok(refusals.includes(codeOf(answer)), `${name} ${place} as ${who}: ${JSON.stringify(answer)}`);
        tried++;
      }
    }
  }
  assert.ok(tried > 20, `${tried} were tried`);
  assert.equal(dump(w), before);
});

// ------------------------------------------------------------------ REST

const signedIn = row(200, 200, 200, 200, 200, 200);
for (const key of Object.keys(outside)) signedIn[key] = 401;
const inside = (status) => ({ ...signedIn, elsewhere: status, foreign: status });
/** @who, but that all who are not among @keys are answered with @status, if they are anybody. */
function onlyOf(who, keys, status) {
  const answer = (key) => (keys.includes(key) || who[key] === 401 ? who[key] : status);
  return Object.fromEntries(Object.keys(who).map((key) => [key, answer(key)]));
}

/** url: what is asked for; query, ids: where a stranger's id may stand; open: needs no sign-in, and is tried elsewhere;
    last: ends everybody's session. */
const routes = {
  "GET health": { open: true },
  "POST auth/join": { open: true },
  "POST auth/refresh": { open: true },
  "POST auth/login": { open: true },
  "POST auth/invitation": { open: true },
  "POST auth/code": { open: true },
  "POST auth/code/prove": { open: true },
  // Only where the hub's files are, from which the owner's token is made.
  "POST auth/rotate-key": { url: () => "/auth/rotate-key", who: onlyOf(signedIn, ["owner"], 403) },
  "POST auth/logout": { url: () => "/auth/logout", who: signedIn, last: true },
  "POST commands/": { url: () => "/commands/office:describe", who: signedIn },
  "GET office": { url: () => "/office", who: signedIn },
  "GET tasks": { url: () => "/tasks", who: signedIn, query: ["project"] },
  "GET tasks/": { url: (w) => `/tasks/${w.ours.task}`, who: inside(404), ids: (id) => `/tasks/${id}` },
  "GET presence": { url: () => "/presence", who: signedIn, query: ["workspace"] },
  "GET snapshot": { url: () => "/snapshot", who: signedIn, query: ["workspace", "room"] },
  "GET events": {
    url: (w) => `/events?room=project:${w.ours.project}`,
    who: inside(403),
    ids: (id, kind) => `/events?room=${kind === "person" ? "user" : kind}:${id}`,
  },
  "GET heads": { url: () => "/heads", who: signedIn },
  "GET audit": {
    url: (w) => `/audit?workspace=${w.one}`,
    who: { ...onlyOf(signedIn, ["owner", "manager"], 403), foreign: 404 },
    query: ["workspace"],
  },
};

test("REST gives nobody what is not theirs, and tells nobody what there is", async (t) => {
  const w = await makeOffices(t);
  const before = dump(w);
  const fetch = (route, who, url) => {
    const [method] = route.split(" ");
    return w.hub.request(method, url, { token: w.people[who].token, ...(method === "POST" && { body: {} }) });
  };
  for (const [route, { url, who, open, last, query = [], ids }] of Object.entries(routes)) {
    if (open || last) continue;
    for (const key of Object.keys(who)) {
      const answer = await fetch(route, key, url(w));
      assert.equal(answer.status, who[key], `${route} as ${key}: ${answer.text}`);
      assertDiscreet(answer.text, key, `${route} as ${key}`);
    }
    for (const [kind, foreign] of Object.entries(w.theirs)) {
      const urls = query.map((name) => (id) => `${url(w).split("?")[0]}?${name}=${name === "room" ? `${kind}:` : ""}${id}`);
      for (const make of ids ? [...urls, ids] : urls) {
        const texts = [];
        for (const id of [foreign, randomUUID()]) {
          const { status, text } = await fetch(route, "owner", make(id, kind));
          texts.push(`${status} ${text.replaceAll(id, "ID").replace(/"serverTime":"[^"]*"/g, "")}`);
        }
        assert.equal(texts[0], texts[1], `${route}: a ${kind}`);
      }
    }
  }
  assert.equal(dump(w), before);
  for (const key of Object.keys(signedIn)) {
    const answer = await fetch("POST auth/logout", key, "/auth/logout");
    assert.equal(answer.status, signedIn[key], `logout as ${key}: ${answer.text}`);
  }
});

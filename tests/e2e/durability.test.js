// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What was acknowledged is there after kill -9, and whoever was away gets what they missed (sync.md, 1 and 3).

"use strict";

const assert = require("node:assert/strict");
const { Hub, randomUUID, test } = require("./hub.js");

async function studio(t) {
  const hub = await Hub.office(t);
  const token = hub.token("ana");
  const ana = await hub.connect(token);
  const { project } = await ana.do("project:create", { name: "Studio", key: "STU" });
  return { hub, token, ana, project, room: `project:${project.id}` };
}

test("an acknowledged task survives kill -9, and the seq follows on", async (t) => {
  const { hub, token, ana, project, room } = await studio(t);
  const before = await ana.do("task:create", { projectId: project.id, title: "Survivor" });
  await hub.stop("SIGKILL");
  await hub.start();

  const there = await hub.get(`/tasks/${before.task.id}`, token);
  assert.equal(there.status, 200);
  assert.deepEqual(there.body.task, before.task);

  const again = await hub.connect(token);
  const next = await again.do("task:create", { projectId: project.id, title: "Next" });
  assert.equal(next.seq, before.seq + 1);
  assert.equal(next.task.key, "STU-2");
  assert.equal((await again.next("task:created")).room, room);
});

test("kill -9 in the middle of many commands loses none that was acknowledged", async (t) => {
  const { hub, token, ana, project, room } = await studio(t);
  for (let round = 0; round < 3; round++) {
    const acknowledged = [];
    const person = round === 0 ? ana : await hub.connect(token);
    const enough = new Promise((resolve) => {
      for (let i = 0; i < 300; i++) {
        const id = randomUUID();
        person.socket.emit("task:create", { id, projectId: project.id, title: `Task ${i}` }, (answer) => {
          if (answer.ok) acknowledged.push(id);
          if (acknowledged.length === 40 + 50 * round) resolve();
        });
      }
    });
    await enough;
    await hub.stop("SIGKILL");
    const count = acknowledged.length;
    await hub.start();

    const { tasks } = (await hub.get(`/tasks?project=${project.id}`, token)).body;
    const ids = new Set(tasks.map((task) => task.id));
    assert.ok(count > 0);
    for (const id of acknowledged) assert.ok(ids.has(id), "an acknowledged task is gone");

    // The log and the tasks are one: as many events as tasks, without a gap.
    let since = 0;
    const seqs = [];
    for (;;) {
      const page = (await hub.get(`/events?room=${room}&since=${since}`, token)).body;
      if (page.events.length === 0) break;
      seqs.push(...page.events.map((event) => event.seq));
      since = page.seq;
    }
    assert.deepEqual(seqs, Array.from({ length: seqs.length }, (_, i) => i + 1));
    assert.equal(seqs.length, tasks.length + 1); // and the project's own
    assert.equal(new Set(tasks.map((task) => task.key)).size, tasks.length);
  }
});

test("who comes back gets exactly what they missed, then what is new", async (t) => {
  const { hub, token, project, room } = await studio(t);
  const ben = await hub.join("Ben");
  const first = await hub.connect(ben.accessToken);
  const { ready } = first;
  first.socket.disconnect();

  const ana = await hub.connect(token);
  const missed = [];
  const { task } = await ana.do("task:create", { projectId: project.id, title: "One" });
  await ana.do("task:move", { id: task.id, status: "done" });
  await ana.do("task:update", { id: task.id, title: "One, renamed" });
  await ana.do("task:delete", { id: task.id });
  await ana.do("task:undo_delete", { id: task.id });
  await ana.do("timer:start", { taskId: task.id });
  await ana.do("member:update_self", { name: "Anna" });
  for (const name of ["task:created", "task:moved", "task:updated", "task:deleted", "task:created",
    "timer:started", "member:updated"]) {
    missed.push({ name, body: await ana.next(name) });
  }

  const second = await hub.connect(ben.accessToken, { since: ready.rooms, epoch: ready.epoch });
  const upToReady = second.names().indexOf("sync:ready");
  const replayed = second.events.slice(0, upToReady);
  assert.equal(replayed.length, missed.length);
  for (const event of missed) assert.deepEqual(replayed.find((e) => e.body.eventId === event.body.eventId), event);
  for (const one of new Set(replayed.map((event) => event.body.room))) {
    const seqs = replayed.filter((event) => event.body.room === one).map((event) => event.body.seq);
    assert.deepEqual(seqs, seqs.map((_, i) => ready.rooms[one] + i + 1), one);
  }
  const now = second.events[upToReady].body;
  assert.equal(now.epoch, ready.epoch);
  assert.equal(now.rooms[room], ready.rooms[room] + 5);

  // No gap and no overlap between the two.
  const live = await ana.do("task:create", { projectId: project.id, title: "Live" });
  assert.equal(live.seq, now.rooms[room] + 1);
  const event = await second.next("task:created", (e) => e.task.title === "Live");
  assert.equal(event.seq, live.seq);
  assert.equal(second.names().includes("sync:reset"), false);
});

test("the same after kill -9", async (t) => {
  const { hub, token, ana, project, room } = await studio(t);
  const { epoch, rooms } = ana.ready;
  const since = { ...rooms, [room]: 0 };
  await ana.do("task:create", { projectId: project.id, title: "One" });
  await hub.stop("SIGKILL");
  await hub.start();

  const back = await hub.connect(token, { since, epoch });
  assert.equal(back.ready.epoch, epoch);
  assert.deepEqual(
    back.events.slice(0, back.names().indexOf("sync:ready")).map(({ name, body }) => [name, body.room, body.seq]),
    [["project:created", room, 1], ["task:created", room, 2]],
  );
});

test("who is up to date gets nothing but sync:ready", async (t) => {
  const { hub, token } = await studio(t);
  const first = await hub.connect(token);
  const { epoch, rooms } = first.ready;
  const second = await hub.connect(token, { since: rooms, epoch });
  assert.equal(second.names()[0], "sync:ready");
});

test("another epoch, or a seq that never was, is a reset", async (t) => {
  const { hub, token, room } = await studio(t);
  const first = await hub.connect(token);
  const { epoch, rooms } = first.ready;

  const foreign = await hub.connect(token, { since: rooms, epoch: randomUUID() });
  const reset = await foreign.next("sync:reset");
  assert.deepEqual([...reset.rooms].sort(), Object.keys(rooms).sort());
  assert.deepEqual(foreign.names().slice(0, 2), ["sync:reset", "sync:ready"]);

  for (const seq of [rooms[room] + 1, -1, 2 ** 53, "1", null]) {
    const ahead = await hub.connect(token, { since: { [room]: seq }, epoch });
    assert.deepEqual((await ahead.next("sync:reset")).rooms, [room], `since ${seq}`);
  }
});

test("since replays no room that is not one's own", async (t) => {
  const { hub, ana, project, room } = await studio(t);
  await ana.do("task:create", { projectId: project.id, title: "Not for guests" });
  const { epoch, rooms } = ana.ready;
  const guest = await hub.join("Gus", "--role", "guest");
  const since = Object.fromEntries(Object.keys({ ...rooms, [room]: 0 }).map((name) => [name, 0]));
  const socket = await hub.connect(guest.accessToken, { since, epoch });
  assert.deepEqual(Object.keys(socket.ready.rooms).map((name) => name.split(":")[0]).sort(), ["user", "workspace"]);
  assert.equal(socket.names().some((name) => name.startsWith("task:") || name.startsWith("timer:")), false);
  assert.doesNotMatch(JSON.stringify(socket.events), /Not for guests/);
});

test("a snapshot is whole and as new as it says", async (t) => {
  const { hub, token, ana, project, room } = await studio(t);
  const titles = ["One", "Two", "Three"];
  let seq;
  for (const title of titles) ({ seq } = await ana.do("task:create", { projectId: project.id, title }));
  const answer = await hub.get(`/snapshot?room=${room}`, token);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type"), /^application\/x-ndjson/);
  const lines = answer.text.trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(lines[0].kind, "epoch");
  assert.deepEqual(lines.at(-1), { kind: "end" });
  assert.deepEqual(lines.filter((line) => line.kind === "room"), [{ kind: "room", room, seq }]);
  assert.deepEqual(lines.filter((line) => line.kind === "task").map((line) => line.value.title), titles);
  assert.deepEqual(lines.find((line) => line.kind === "project").value.name, "Studio");

  const guest = await hub.join("Gus", "--role", "guest");
  const foreign = await hub.get(`/snapshot?room=${room}`, guest.accessToken);
  const unknown = await hub.get(`/snapshot?room=project:${randomUUID()}`, guest.accessToken);
  assert.equal(foreign.status, unknown.status);
  assert.equal(foreign.text.replace(/"serverTime":"[^"]*"/, ""), unknown.text.replace(/"serverTime":"[^"]*"/, ""));
  assert.doesNotMatch(foreign.text, /Studio|One/);
});

test("a graceful stop tells everybody, and keeps everything", async (t) => {
  const { hub, token, ana, project } = await studio(t);
  const { task } = await ana.do("task:create", { projectId: project.id, title: "Kept" });
  const ended = await hub.stop("SIGTERM");
  assert.deepEqual(ended, { code: 0, signal: null });
  assert.ok((await ana.next("hub:closing")).retryAfterMs > 0);
  await hub.start();
  assert.equal((await hub.get(`/tasks/${task.id}`, token)).body.task.title, "Kept");
});

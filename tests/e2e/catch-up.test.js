// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Who was away gets what they missed, page by page, whatever its size: by sync:since, over REST, and on connecting
// (sync.md, On the hub; rules.md, Limits).

"use strict";

const assert = require("node:assert/strict");
const { Hub, randomUUID, test } = require("./hub.js");

const limits = [
  "person-commands-per-second=10000", "person-commands-at-once=100000", "commands-per-second=10000",
  "commands-at-once=100000", "stored-per-day=1000000000",
].flatMap((limit) => ["--limit", limit]);

const pageEvents = 500;
const pageBytes = 256 * 1024;

/** Ana's office with a project of hers, and Ben in it. */
async function studio(t) {
  const hub = await Hub.office(t, ...limits);
  const token = hub.token("ana");
  const ana = await hub.connect(token);
  const ben = await hub.join("Ben");
  const { project } = await ana.do("project:create", { name: "Studio", key: "STU", memberIds: [ben.user.id] });
  return { hub, token, ana, ben, project, room: `project:${project.id}`, epoch: ana.ready.epoch };
}

/** Makes the project's log @length events long; returns the last one's seq. */
async function fill({ ana, project, room, hub, token }, length, more = {}) {
  let { seq } = (await hub.get(`/events?room=${room}&since=999999999999`, token)).body;
  // Not more at once than she may be sent.
  const atOnce = more.description ? 2 : 100;
  while (seq < length) {
    const tasks = Array.from({ length: Math.min(atOnce, length - seq) }, (_, i) => (
      ana.do("task:create", { projectId: project.id, title: `Task ${i}`, ...more })
    ));
    seq = Math.max(...(await Promise.all(tasks)).map((answer) => answer.seq));
  }
  return seq;
}

const count = (from, to) => Array.from({ length: to - from }, (_, i) => from + i + 1);
const seqsOf = (person, room) => person.events.filter(({ body }) => body?.room === room && body.seq).map(({ body }) => body.seq);

/** All pages from @since on, by either door. */
async function readPages(since, ask) {
  const pages = [];
  for (;;) {
    const page = await ask(since);
    assert.equal(page.ok, true, JSON.stringify(page));
    pages.push(page);
    if (!page.more) return pages;
    assert.ok(page.seq > since, "a page that goes nowhere");
    since = page.seq;
  }
}

test("a page ends where it is full, whichever door it comes through", async (t) => {
  const world = await studio(t);
  const { hub, token, ana, room, epoch } = world;
  for (const length of [pageEvents - 1, pageEvents, pageEvents + 1, 2 * pageEvents + 1]) {
    assert.equal(await fill(world, length), length);
    const live = await readPages(0, (seq) => ana.do("sync:since", { room, seq, epoch }));
    const rest = await readPages(0, async (since) => (await hub.get(`/events?room=${room}&since=${since}`, token)).body);
    assert.deepEqual(rest, live);
    assert.deepEqual(live.flatMap((page) => page.events.map((event) => event.seq)), count(0, length));
    for (const [i, page] of live.entries()) {
      const bytes = page.events.map((event) => JSON.stringify(event).length - '"event":"",'.length - event.event.length);
      const [next] = live[i + 1]?.events ?? [];
      const sum = bytes.reduce((a, b) => a + b);
      assert.ok(page.events.length <= pageEvents && sum <= pageBytes);
      assert.equal(page.events.length === pageEvents || (next !== undefined && sum + 2 * bytes[0] > pageBytes), page.more);
      assert.equal(page.epoch, epoch);
      assert.equal(page.room, room);
      assert.equal(page.events.at(-1).seq, page.seq);
    }
    assert.equal(live[0].events[0].event, "project:created");
  }
  const three = (await hub.get(`/events?room=${room}&since=7&limit=3`, token)).body;
  assert.deepEqual(three.events.map((event) => event.seq), [8, 9, 10]);
  assert.equal(three.more, true);
  // What was told live is told again, word for word.
  const [told] = (await ana.do("sync:since", { room, seq: 4, limit: 1 })).events;
  const { event, ...body } = told;
  assert.deepEqual(ana.events.find((e) => e.name === event && e.body.seq === 5).body, body);
});

test("a page ends before what would make it too large, but for one that is too large itself", async (t) => {
  const world = await studio(t);
  const { ana, room } = world;
  const length = await fill(world, 12, { description: "€".repeat(50_000) });
  const pages = await readPages(0, (seq) => ana.do("sync:since", { room, seq }));
  assert.ok(pages.length > 4, `${pages.length} pages`);
  assert.deepEqual(pages.flatMap((page) => page.events.map((event) => event.seq)), count(0, length));
  for (const { events } of pages) {
    assert.ok(events.length === 1 || Buffer.byteLength(JSON.stringify(events)) < pageBytes + 2000);
  }
});

test("where it can't be gone on from, it says why", async (t) => {
  const world = await studio(t);
  const { hub, token, ana, room, epoch } = world;
  const head = await fill(world, 5);
  for (const [params, reason] of [
    [{ seq: head + 1, epoch }, "ahead"], [{ seq: 2 ** 53, epoch }, "ahead"], [{ seq: 0, epoch: "another" }, "epoch"],
    [{ seq: head, epoch: "another" }, "epoch"],
  ]) {
    const answer = await ana.do("sync:since", { room, ...params });
    assert.deepEqual(answer, { ok: true, events: [], room, seq: head, epoch, more: false, reset: true, reason });
    const query = `/events?room=${room}&since=${params.seq}&epoch=${params.epoch}`;
    assert.deepEqual((await hub.get(query, token)).body, answer);
  }
  assert.deepEqual((await ana.do("sync:since", { room, seq: head, epoch })).events, []);
  for (const seq of [-1, 1.5, "1", null]) await ana.refused("invalid", "sync:since", { room, seq });
  for (const since of ["-1", "1.5", "x", ""]) {
    assert.equal((await hub.get(`/events?room=${room}&since=${since}`, token)).status, 422, since);
  }
  for (const name of [`project:${randomUUID()}`, "project:", ":", "x", `task:${randomUUID()}`]) {
    await ana.refused("forbidden", "sync:since", { room: name, seq: 0 });
  }
});

test("whoever can but ask is told where the logs of their rooms stand", async (t) => {
  const world = await studio(t);
  const { hub, token, ana, ben, project, room } = world;
  const seq = await fill(world, 7);
  const { status, body } = await hub.get("/heads", token);
  assert.equal(status, 200);
  const { ok, epoch, rooms, serverTime } = body;
  assert.equal(ok, true);
  assert.equal(epoch, ana.ready.epoch);
  assert.ok(Math.abs(Date.parse(serverTime) - Date.now()) < 60_000);
  assert.equal(rooms[room], seq);
  const again = await hub.connect(token);
  assert.deepEqual(rooms, again.ready.rooms);

  assert.ok(room in (await hub.get("/heads", ben.accessToken)).body.rooms);
  await ana.do("project:update", { id: project.id, memberIds: [] });
  assert.ok(!(room in (await hub.get("/heads", ben.accessToken)).body.rooms));
});

test("on connecting all of it comes, in order, each once, also while more happens", async (t) => {
  const world = await studio(t);
  const { hub, ana, ben, project, room, epoch } = world;
  const head = await fill(world, 3 * pageEvents + 20);
  const last = `Last ${randomUUID()}`;
  let more = true;
  const writing = (async () => {
    while (more && ana.socket.connected) await ana.do("task:create", { projectId: project.id, title: "Meanwhile" });
    return ana.do("task:create", { projectId: project.id, title: last });
  })();

  const late = await hub.connect(ben.accessToken, { since: { [room]: 0 }, epoch });
  assert.equal(late.names()[0], "sync:heads"); // so much is to come
  assert.ok(late.events[0].body.rooms[room] >= head);
  const atReady = seqsOf({ events: late.events.slice(0, late.names().indexOf("sync:ready")) }, room);
  assert.deepEqual(atReady, count(0, late.ready.rooms[room]));
  assert.ok(atReady.length >= head);
  more = false;
  const { seq } = await writing;
  await late.next("task:created", (event) => event.task.title === last);
  assert.deepEqual(seqsOf(late, room), count(0, seq));
  assert.equal(late.names().includes("sync:reset"), false);
});

test("whoever is cut off in the middle goes on from there, at every page", async (t) => {
  const world = await studio(t);
  const { hub, ben, room, epoch } = world;
  const head = await fill(world, 4 * pageEvents + 3);
  const seen = [];
  for (let cut = pageEvents - 1; cut <= head; cut += pageEvents - 250) {
    const person = hub.prepare({ token: ben.accessToken, since: { [room]: seen.at(-1) ?? 0 }, epoch });
    const enough = person.next("task:created", (event) => event.seq >= cut);
    person.socket.connect();
    await enough;
    person.socket.disconnect();
    seen.push(...seqsOf(person, room));
  }
  const person = await hub.connect(ben.accessToken, { since: { [room]: seen.at(-1) }, epoch });
  seen.push(...seqsOf(person, room));
  assert.deepEqual(seen, count(0, head));
});

test("a reader that pauses holds up nobody, and gets all of it in the end", async (t) => {
  const world = await studio(t);
  const { hub, ana, ben, project, room, epoch } = world;
  // More than the kernel's buffers hold.
  const head = await fill(world, 50, { description: "€".repeat(50_000) });
  const slow = Array.from({ length: 6 }, () => hub.prepare({ token: ben.accessToken, since: { [room]: 0 }, epoch }));
  for (const person of slow) {
    const begun = person.next("task:created");
    person.socket.connect();
    await begun;
    person.socket.io.engine.transport.ws._socket.pause();
  }
  // All places are taken by those who read nothing: who comes now is caught up with all the same.
  const quick = await hub.connect(hub.token("ana"), { since: { [room]: 0 }, epoch });
  assert.deepEqual(seqsOf(quick, room), count(0, head));
  const { seq } = await ana.do("task:create", { projectId: project.id, title: "Live" });
  await quick.next("task:created", (event) => event.seq === seq);

  for (const person of slow) person.socket.io.engine.transport.ws._socket.resume();
  for (const person of slow) {
    await person.next("sync:ready");
    assert.deepEqual(seqsOf(person, room), count(0, seq));
  }
});

test("a room that one is put out of in the middle tells no more, and one that one comes into is told of", async (t) => {
  const world = await studio(t);
  const { hub, ana, ben, project, room, epoch } = world;
  const head = await fill(world, 50, { description: "€".repeat(50_000) });
  const office = `workspace:${ben.workspace.id}`;
  const person = hub.prepare({ token: ben.accessToken, since: { [room]: 0, [office]: 0 }, epoch });
  const begun = person.next("task:created");
  person.socket.connect();
  await begun;
  person.socket.io.engine.transport.ws._socket.pause();
  await ana.do("project:update", { id: project.id, memberIds: [] });
  const other = await ana.do("project:create", { name: "Other", memberIds: [ben.user.id] });
  const { seq } = await ana.do("task:create", { projectId: other.project.id, title: "New here" });
  person.socket.io.engine.transport.ws._socket.resume();

  assert.equal((await person.next("room:left")).room, room);
  const ready = await person.next("sync:ready");
  assert.equal(ready.rooms[room], undefined);
  assert.equal((await person.next("room:joined")).room, `project:${other.project.id}`);
  assert.equal((await person.next("task:created", (event) => event.task.title === "New here")).seq, seq);
  assert.ok(seqsOf(person, room).length < head, "what waited was not dropped");
  const left = person.names().indexOf("room:left");
  assert.deepEqual(seqsOf({ events: person.events.slice(left) }, room), []);
  assert.deepEqual(seqsOf(person, office), count(0, ready.rooms[office]));
});

// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

"use strict";

const assert = require("node:assert/strict");
const { createHmac } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { Hub, randomUUID, test, within } = require("./hub.js");
const { WebSocket } = require("./websocket.js");

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

test("the stock client gives a command, another one hears of it", async (t) => {
  const hub = await Hub.office(t);
  const ana = await hub.connect(hub.token("ana"));
  const { project } = await ana.do("project:create", { name: "Studio refit", key: "STU" });
  const ben = await hub.join("Ben");
  const benSocket = await hub.connect(ben.accessToken);

  const opId = randomUUID();
  const answer = await ana.do("task:create", {
    projectId: project.id,
    title: "Replace patch bay",
    assigneeIds: [ben.user.id],
    opId,
  });
  const event = await benSocket.next("task:created");

  assert.equal(answer.task.title, "Replace patch bay");
  assert.equal(answer.task.key, "STU-1");
  assert.equal(answer.task.version, 1);
  assert.equal(answer.seq, event.seq);
  assert.deepEqual(event.task, answer.task);
  assert.equal(event.task.projectName, "Studio refit");
  assert.equal(event.task.assigneeName, "Ben");

  const office = await ana.do("office:describe");
  assert.equal(event.room, `project:${project.id}`);
  assert.equal(Number.isInteger(event.seq), true);
  assert.match(event.eventId, uuid);
  assert.match(event.at, instant);
  assert.equal(event.workspaceId, office.workspaces[0].id);
  assert.equal(event.projectId, project.id);
  assert.equal(event.userId, office.user.id);
  assert.equal(event.userName, "Ana");
  assert.equal(event.opId, opId);

  // Who did it hears of it too, once, after the answer.
  const own = await ana.next("task:created");
  assert.deepEqual(own, event);
  assert.equal(ana.names().filter((name) => name === "task:created").length, 1);
});

test("a command without an acknowledgement is carried out all the same", async (t) => {
  const hub = await Hub.office(t);
  const ana = await hub.connect(hub.token("ana"));
  const { project } = await ana.do("project:create", { name: "Studio" });
  ana.socket.emit("task:create", { projectId: project.id, title: "Unasked" });
  assert.equal((await ana.next("task:created")).task.title, "Unasked");
});

test("a first connection is told where each of its rooms stands", async (t) => {
  const hub = await Hub.office(t);
  const person = hub.prepare({ token: hub.token("ana") });
  person.socket.connect();
  const ready = await person.next("sync:ready");
  const snapshot = await person.next("presence:snapshot");
  assert.deepEqual(person.names().slice(0, 2), ["sync:ready", "presence:snapshot"]);
  assert.match(ready.epoch, uuid);
  assert.match(ready.serverTime, instant);
  const kinds = Object.keys(ready.rooms).map((room) => room.split(":")[0]);
  for (const kind of ["workspace", "time", "manage", "user"]) assert.ok(kinds.includes(kind), kind);
  assert.ok(Array.isArray(snapshot.users));
});

test("the token may come in the Authorization header", async (t) => {
  const hub = await Hub.office(t);
  const person = hub.prepare({});
  person.socket.io.opts.extraHeaders = { Authorization: `Bearer ${hub.token("ana")}` };
  person.socket.connect();
  await person.next("sync:ready");
});

function base64url(text) {
  return Buffer.from(text).toString("base64url");
}

test("nobody connects without a good token", async (t) => {
  const hub = await Hub.office(t);
  const good = hub.token("ana");
  const [head, claims, signature] = good.split(".");
  const none = base64url(JSON.stringify({ alg: "none", typ: "at+jwt" }));
  const longer = JSON.parse(Buffer.from(claims, "base64url"));
  longer.exp += 3600;
  const forged = `${head}.${base64url(JSON.stringify(longer))}`;
  const ownKey = createHmac("sha256", "secret").update(forged).digest("base64url");

  const wrong = {
    missing: undefined,
    empty: "",
    garbage: "garbage",
    "of another type": 5,
    "an object": { token: good },
    "cut off": good.slice(0, -1),
    "with more behind it": `${good}x`,
    "with a blank": ` ${good}`,
    "signed by nobody": `${none}.${claims}.`,
    "unsigned as it is": `${head}.${claims}.`,
    "with other claims": `${forged}.${signature}`,
    "signed with another key": `${forged}.${ownKey}`,
    "very long": "x".repeat(60_000),
  };
  for (const [what, token] of Object.entries(wrong)) {
    const error = await hub.refusal({ token });
    assert.equal(error.data?.code, "unauthenticated", what);
    assert.match(error.message, /\.$/, what);
  }
  assert.equal((await hub.refusal(undefined)).data.code, "unauthenticated");
  const stranger = await WebSocket.open(hub);
  stranger.send(`40${JSON.stringify({ token: "x".repeat(100_000) })}`);
  assert.equal(await stranger.end(), 1009, "more than a stranger may say");
  await hub.connect(good);
});

test("an expired token is refused at both doors", async (t) => {
  const hub = await Hub.office(t);
  const key = fs.readFileSync(path.join(hub.directory, "keys", "token.key"));
  const [head, claims] = hub.token("ana").split(".");
  const sign = (changes) => {
    const body = { ...JSON.parse(Buffer.from(claims, "base64url")), ...changes };
    const text = `${head}.${base64url(JSON.stringify(body))}`;
    return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
  };
  // Signed as the hub signs, so that it is for the change alone that the others are refused.
  await hub.connect(sign({}));
  const now = Math.floor(Date.now() / 1000);
  const wrong = [{ exp: now - 1 }, { exp: undefined }, { exp: "never" }, { aud: randomUUID() }, { sub: randomUUID() }];
  for (const changes of wrong) {
    const token = sign(changes);
    assert.equal((await hub.refusal({ token })).data.code, "unauthenticated", JSON.stringify(changes));
    const answer = await hub.get("/office", token);
    assert.equal(answer.status, 401, JSON.stringify(changes));
    assert.equal(answer.body.error.code, "unauthenticated");
  }
});

test("another office's token is refused", async (t) => {
  const hub = await Hub.office(t);
  const other = await Hub.office(t);
  assert.equal((await hub.refusal({ token: other.token("ana") })).data.code, "unauthenticated");
});

test("a page of another origin is refused, whatever its token", async (t) => {
  const hub = await Hub.office(t);
  const person = hub.prepare({ token: hub.token("ana") });
  person.socket.io.opts.extraHeaders = { Origin: "http://elsewhere.example" };
  const error = new Promise((resolve) => person.socket.once("connect_error", resolve));
  person.socket.connect();
  assert.ok(await within(error, "connect_error"));
  assert.equal(person.socket.connected, false);
});

test("eight connections are enough for anybody", async (t) => {
  const hub = await Hub.office(t);
  const token = hub.token("ana");
  const people = [];
  for (let i = 0; i < 8; i++) people.push(await hub.connect(token));
  const error = await hub.refusal({ token });
  assert.equal(error.data.code, "rate_limited");
  assert.match(error.message, /8 times already/);
  const ben = await hub.join("Ben");
  await hub.connect(ben.accessToken);

  // One gone, one may come.
  people[0].socket.disconnect();
  await people[1].do("office:describe");
  await hub.connect(token);
});

test("presence follows connections", async (t) => {
  const hub = await Hub.office(t);
  const ana = await hub.connect(hub.token("ana"));
  const ben = await hub.join("Ben");
  const benSocket = await hub.connect(ben.accessToken);

  const online = await ana.next("presence:user_online", (e) => e.userId === ben.user.id);
  assert.equal(online.userName, "Ben");
  assert.equal(online.status, "online");
  assert.match(online.at, instant);

  const snapshot = await benSocket.next("presence:snapshot");
  assert.ok(snapshot.users.some((user) => user.userName === "Ana" && user.status === "online"));

  await benSocket.do("presence:update", { status: "away" });
  const away = await ana.next("presence:user_online", (e) => e.userId === ben.user.id);
  assert.equal(away.status, "away");
  await benSocket.do("presence:update", { status: "offline" });
  assert.equal((await ana.next("presence:user_offline")).userId, ben.user.id);
  await benSocket.do("presence:update", { status: "online" });
  await ana.next("presence:user_online", (e) => e.userId === ben.user.id);

  // A connection that is gone: after the grace for reconnects.
  benSocket.socket.disconnect();
  assert.equal((await ana.next("presence:user_offline")).userId, ben.user.id);
});

test("viewing a task is told to who is there", async (t) => {
  const hub = await Hub.office(t);
  const ana = await hub.connect(hub.token("ana"));
  const { project } = await ana.do("project:create", { name: "Studio" });
  const { task } = await ana.do("task:create", { projectId: project.id, title: "Look" });
  const ben = await hub.join("Ben");
  const benSocket = await hub.connect(ben.accessToken);

  await benSocket.do("presence:viewing", { taskId: task.id });
  assert.deepEqual(await ana.next("presence:users_viewing"), {
    taskId: task.id,
    users: [{ id: ben.user.id, name: "Ben" }],
  });
  const cleo = await hub.connect((await hub.join("Cleo")).accessToken);
  const snapshot = await cleo.next("presence:snapshot");
  assert.deepEqual(snapshot.viewing, [{ taskId: task.id, users: [{ id: ben.user.id, name: "Ben" }] }]);

  const gus = await hub.connect((await hub.join("Gus", "--role", "guest")).accessToken);
  assert.deepEqual((await gus.next("presence:snapshot")).viewing, [], "Gus may not see the task");

  benSocket.socket.disconnect();
  assert.deepEqual(await ana.next("presence:users_viewing"), { taskId: task.id, users: [] });
  await gus.do("office:describe");
  assert.equal(gus.names().includes("presence:users_viewing"), false);
});

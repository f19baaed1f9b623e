// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Connection state recovery as the stock client asks for it: who loses the connection for a while gets what happened
// meanwhile, once and in order, and nothing that is not for them.

"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { Hub, test, within } = require("./hub.js");

/** An office with a project, Ana who works in it, and Ben who watches through `options` of the client. */
async function makeOffice(t, options = {}) {
  const hub = await Hub.office(t);
  const ana = await hub.connect(hub.token("ana"));
  const ben = await hub.join("Ben");
  const { project } = await ana.do("project:create", { name: "Studio", memberIds: [ben.user.id] });
  const watcher = hub.prepare({ token: ben.accessToken });
  Object.assign(watcher.socket.io.opts, options);
  watcher.socket.connect();
  await watcher.next("sync:ready");
  const add = (title) => ana.do("task:create", { projectId: project.id, title });
  // It has an offset now.
  await add("Before");
  await watcher.next("task:created");
  return { hub, ana, ben, watcher, project, add };
}

/** Has the hub go by clocks that can be put forward; returns how that is done. */
async function windUp(hub) {
  const file = path.join(path.dirname(hub.directory), "clock");
  const skipped = Buffer.alloc(8);
  fs.writeFileSync(file, skipped);
  await hub.stop("SIGTERM");
  hub.env = { LD_PRELOAD: process.env.BUREAU_CLOCK_MODULE, BUREAU_TEST_CLOCK: file };
  await hub.start();
  return (milliseconds) => {
    skipped.writeBigInt64LE(skipped.readBigInt64LE() + BigInt(milliseconds));
    fs.writeFileSync(file, skipped, { flag: "r+" });
  };
}

/** Resolves when the connection is lost, however that is done. */
async function lose(person, how) {
  const lost = new Promise((resolve) => person.socket.once("disconnect", resolve));
  how(person.socket.io.engine);
  await within(lost, "the loss");
}

async function comeBack(person, auth = person.socket.auth) {
  const connected = new Promise((resolve, reject) => {
    person.socket.once("connect", resolve);
    person.socket.once("connect_error", reject);
  });
  person.socket.auth = auth;
  person.socket.connect();
  await within(connected, "the connection");
}

const titles = (person) => person.events.filter(({ name }) => name === "task:created").map(({ body }) => body.task.title);

const ways = {
  "closed, by websocket": [{}, (engine) => engine.close()],
  "destroyed, by websocket": [{}, (engine) => engine.transport.ws.terminate()],
  "closed, by polling": [{ transports: ["polling"] }, (engine) => engine.close()],
  "closed, after an upgrade": [{ transports: ["polling", "websocket"] }, (engine) => engine.close()],
};

for (const [what, [options, how]] of Object.entries(ways)) {
  test(`what a connection that is ${what} has missed comes when it is back`, async (t) => {
    const { watcher, add } = await makeOffice(t, options);
    const { id } = watcher.socket;
    await lose(watcher, how);
    for (const title of ["One", "Two", "Three"]) await add(title);
    await comeBack(watcher);

    assert.equal(watcher.socket.recovered, true);
    assert.equal(watcher.socket.id, id);
    // The missed ones are there before anything else is said.
    assert.deepEqual(titles(watcher), ["Before", "One", "Two", "Three"]);
    await watcher.next("sync:ready");
    await add("Four");
    await watcher.next("task:created", ({ task }) => task.title === "Four");
    assert.deepEqual(titles(watcher), ["Before", "One", "Two", "Three", "Four"]);

    // And again.
    await lose(watcher, how);
    await add("Five");
    await comeBack(watcher);
    assert.equal(watcher.socket.recovered, true);
    assert.deepEqual(titles(watcher).slice(5), ["Five"]);
  });
}

test("after ten minutes in which 500 things happen, each has come, in order and once", async (t) => {
  const hub = await Hub.office(t);
  const skip = await windUp(hub);
  const ana = await hub.connect(hub.token("ana", "--minutes", "60"));
  const ben = await hub.join("Ben");
  const { project } = await ana.do("project:create", { name: "Studio", memberIds: [ben.user.id] });
  const watcher = await hub.connect(ben.accessToken);
  const add = (title) => ana.do("task:create", { projectId: project.id, title });
  await add("Before");
  await watcher.next("task:created");

  await lose(watcher, (engine) => engine.transport.ws.terminate());
  const expected = ["Before"];
  // A little at a time: Ana is there all the while, and is asked whether she is.
  for (let slice = 0; slice < 50; slice++) {
    for (let i = 0; i < 10; i++) {
      expected.push(`Task ${expected.length}`);
      await add(expected.at(-1));
    }
    skip(12_000);
  }
  // The access token has expired meanwhile, as any has.
  const { body } = await hub.post("/auth/refresh", { refreshToken: ben.refreshToken });
  assert.ok(body.accessToken, JSON.stringify(body));
  await comeBack(watcher, { token: body.accessToken });
  assert.equal(watcher.socket.recovered, true);
  assert.deepEqual(titles(watcher), expected);
  await watcher.next("sync:ready");
  await add("After");
  await watcher.next("task:created", ({ task }) => task.title === "After");
  assert.deepEqual(titles(watcher), [...expected, "After"]);
});

test("nobody sees a short loss", async (t) => {
  const { ana, watcher } = await makeOffice(t);
  await lose(watcher, (engine) => engine.close());
  await comeBack(watcher);
  await watcher.next("sync:ready");
  await watcher.do("presence:update", { status: "away" });
  assert.equal((await ana.next("presence:user_online", ({ status }) => status === "away")).userName, "Ben");
  assert.ok(!ana.names().includes("presence:user_offline"));
});

test("a token that is not good any more is refused, and takes nothing", async (t) => {
  const { watcher, ben, add } = await makeOffice(t);
  await lose(watcher, (engine) => engine.close());
  await add("Meanwhile");
  await assert.rejects(comeBack(watcher, { token: "garbage" }), ({ data }) => data.code === "unauthenticated");
  assert.deepEqual(titles(watcher), ["Before"]);
  await comeBack(watcher, { token: ben.accessToken });
  assert.equal(watcher.socket.recovered, true);
  assert.deepEqual(titles(watcher), ["Before", "Meanwhile"]);
});

test("another's connection is not taken up", async (t) => {
  const { hub, watcher, add } = await makeOffice(t);
  const cleo = await hub.join("Cleo");
  await lose(watcher, (engine) => engine.close());
  await add("Meanwhile");
  await comeBack(watcher, { token: cleo.accessToken });
  assert.equal(watcher.socket.recovered, false);
  assert.deepEqual(titles(watcher), ["Before"]);
});

test("who has left is new when they come back", async (t) => {
  const { watcher, add } = await makeOffice(t);
  const { id } = watcher.socket;
  watcher.socket.disconnect();
  await add("Meanwhile");
  await comeBack(watcher);
  assert.equal(watcher.socket.recovered, false);
  assert.notEqual(watcher.socket.id, id);
  await watcher.next("sync:ready");
  assert.deepEqual(titles(watcher), ["Before"]);
});

test("who is put out of a project meanwhile hears no more of it", async (t) => {
  const { watcher, ana, project, add } = await makeOffice(t);
  await lose(watcher, (engine) => engine.close());
  await add("For Ben still");
  await ana.do("project:update", { id: project.id, memberIds: [] });
  await add("Secret");
  await comeBack(watcher);
  assert.equal(watcher.socket.recovered, true);
  const ready = await watcher.next("sync:ready");
  assert.ok(!Object.hasOwn(ready.rooms, `project:${project.id}`));
  await add("Secret, too");
  await watcher.do("office:describe");
  assert.deepEqual(titles(watcher), ["Before"]);
});

test("a client takes over from its own half-open connection", async (t) => {
  const { hub, watcher, add, ben } = await makeOffice(t);
  // The network has lost the old connection, and neither end knows: what goes to it is read by nobody.
  watcher.socket.io.engine.transport.ws.pause();
  const closed = new Promise((resolve) => watcher.socket.once("disconnect", (reason, details) => resolve(details)));
  await add("Unread");

  const { _pid: pid, _lastOffset: offset } = watcher.socket;
  const heir = hub.prepare({ token: ben.accessToken, pid, offset });
  heir.socket._pid = pid;
  await comeBack(heir);
  assert.equal(heir.socket.recovered, true);
  assert.equal(heir.socket.id, watcher.socket.id);
  assert.deepEqual(titles(heir), ["Unread"]);
  await add("New");
  await heir.next("task:created", ({ task }) => task.title === "New");

  watcher.socket.io.engine.transport.ws.resume();
  const { context } = await within(closed, "the old one's end");
  assert.equal(context.code, 4409);
  assert.deepEqual(titles(heir), ["Unread", "New"]);
  await heir.do("office:describe");
});

// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Whatever one connection sends, it gets its clear error or is closed, and the others notice nothing (sync.md,
// promise 7).

"use strict";

const assert = require("node:assert/strict");
const { Hub, assertError, randomUUID, test } = require("./hub.js");
const { WebSocket, frame } = require("./websocket.js");

const megabyte = 1 << 20;

/** An office with these options, a project, and Ana, who works while others misbehave. */
async function studio(t, ...options) {
  const hub = await Hub.office(t, ...options);
  const token = hub.token("ana");
  const ana = await hub.connect(token);
  const { project } = await ana.do("project:create", { name: "Studio", key: "STU" });
  const { task } = await ana.do("task:create", { projectId: project.id, title: "Patch bay" });
  let count = 0;
  /** Ana works on, and her answers come at once. */
  const works = async (about) => {
    const before = performance.now();
    const title = `Patch bay ${count++}`;
    assert.equal((await ana.do("task:update", { id: task.id, title })).task.title, title, about);
    assert.ok(performance.now() - before < 2000, `${about}: the others had to wait`);
    assert.equal(ana.socket.connected, true, about);
  };
  const finish = async () => {
    await works("at the end");
    const seqs = ana.events.filter((event) => event.name === "task:updated").map((event) => event.body.seq);
    assert.deepEqual(seqs, seqs.map((_, i) => seqs[0] + i), "no event is missing");
    assert.equal(ana.names().includes("connection:error"), false);
  };
  return { hub, token, ana, project, task, works, finish };
}

test("commands of the wrong shape get an error each, and the connection stays", async (t) => {
  const { hub, token, project, task, works, finish } = await studio(t);
  const eve = await hub.connect(token);
  const cases = [
    ["invalid", "no:such", {}],
    ["invalid", "", {}],
    ["invalid", "task:create", {}],
    ["invalid", "task:create", { projectId: project.id }],
    ["invalid", "task:create", { projectId: project.id, title: "" }],
    ["invalid", "task:create", { projectId: project.id, title: 5 }],
    ["invalid", "task:create", { projectId: project.id, title: ["x"] }],
    ["invalid", "task:create", { projectId: project.id, title: { $gt: "" } }],
    ["invalid", "task:create", { projectId: project.id, title: "bell \u0007" }],
    ["invalid", "task:create", { projectId: project.id, title: "turned \u202e" }],
    ["invalid", "task:create", { projectId: "1 OR 1=1", title: "x" }],
    ["invalid", "task:create", { projectId: project.id, title: "x", priority: 1e9 }],
    ["invalid", "task:create", { projectId: project.id, title: "x", priority: 1.5 }],
    ["invalid", "task:create", { projectId: project.id, title: "x", assigneeIds: "ana" }],
    ["invalid", "task:create", { projectId: project.id, title: "x", dueAt: "2026-02-30" }],
    ["invalid", "task:create", { projectId: project.id, title: "x", opId: "again" }],
    ["too_large", "task:create", { projectId: project.id, title: "x".repeat(501) }],
    ["too_large", "task:create", { projectId: project.id, title: "x", description: "x".repeat(50_001) }],
    ["invalid", "task:update", { id: task.id, status: "exploded" }],
    ["invalid", "task:update", { id: task.id, base: -1 }],
    ["invalid", "task:move", { id: task.id }],
    ["invalid", "project:create", { name: "x", key: "'; DROP TABLE tasks" }],
    ["invalid", "project:create", { name: "x", color: "red; background: url(x)" }],
    ["invalid", "presence:update", { status: "invisible" }],
    ["invalid", "room:join", {}],
    ["forbidden", "room:join", { projectId: randomUUID() }],
    ["invalid", "member:invite", { role: "emperor" }],
    ["not_found", "task:delete", { id: randomUUID() }],
  ];
  for (const [code, name, params] of cases) {
    assertError(await eve.ask(name, params), code, `${name} ${JSON.stringify(params).slice(0, 80)}`);
  }
  for (const argument of ["text", 5, true, [], [{}]]) {
    assertError(await eve.ask("timer:start", argument), "invalid", JSON.stringify(argument));
  }
  await works("meanwhile");
  await eve.do("office:describe");
  await finish();
});

test("a text as long as it may be, in characters of four bytes, goes through", async (t) => {
  const { ana, project, finish } = await studio(t);
  const description = "\u{1f600}".repeat(50_000);
  const answer = await ana.do("task:create", { projectId: project.id, title: "ü".repeat(500), description });
  assert.equal(answer.task.description, description);
  await ana.next("task:created", (e) => e.task.id === answer.task.id);
  await finish();
});

test("malformed packets close the connection they came on", async (t) => {
  const { hub, token, works, finish } = await studio(t);
  const deep = (n) => "[".repeat(n) + "]".repeat(n);
  const packets = {
    "no packet": "",
    "no such Engine.IO type": "9",
    "no such Socket.IO type": "49",
    "an event without a name": "42[]",
    "an event that is no array": '42{"a":1}',
    "cut off": '42["task:create",{"title":"x"',
    "more behind it": '42["task:create",{}]x',
    "a single quote": "42['task:create']",
    "a comment": '42["task:create"/**/]',
    "a trailing comma": '42["task:create",]',
    "the same member twice": '42["timer:stop",{"id":"a","id":"b"}]',
    "a number too large": '42["timer:stop",{"id":1e999}]',
    "half a surrogate": '42["timer:stop",{"id":"\\ud800"}]',
    "a NUL": '42["timer:stop",{"id":"\\u0000"}]',
    "deep JSON": `42["timer:stop",${deep(40)}]`,
    "very deep JSON": `42["timer:stop",${deep(100_000)}]`,
    "very deep and cut off": `42["timer:stop",${"[".repeat(200_000)}`,
    "an attachment that never comes": '451-["timer:stop",{"_placeholder":true,"num":0}]x',
    "an acknowledgement id without end": `42${"9".repeat(1000)}["timer:stop"]`,
    "a name that is reserved": '42["connect"]',
  };
  for (const [what, packet] of Object.entries(packets)) {
    const socket = await WebSocket.enter(hub, token);
    socket.send(packet);
    const code = await socket.end();
    assert.ok(code === undefined || code >= 1000, what);
    await works(what);
  }
  await finish();
});

test("frames that break the WebSocket protocol close the connection they came on", async (t) => {
  const { hub, token, works, finish } = await studio(t);
  const text = Buffer.from('42["office:describe"]');
  const frames = {
    "unmasked": [frame(text, { mask: false }), 1002],
    "a reserved opcode": [frame(text, { opcode: 3 }), 1002],
    "a reserved bit": [Buffer.concat([Buffer.from([0xc1]), frame(text).subarray(1)]), 1002],
    "a fragmented ping": [frame(Buffer.from("x"), { opcode: 9, fin: false }), 1002],
    "a long ping": [frame(Buffer.alloc(126), { opcode: 9 }), 1002],
    "a continuation of nothing": [frame(text, { opcode: 0 }), 1002],
    "no UTF-8": [frame(Buffer.from([0x34, 0xff, 0xfe])), 1007],
    "10 MB announced": [frame(Buffer.alloc(1000), { announced: 10 * megabyte }), 1009],
    "2^63 bytes announced": [frame(Buffer.alloc(10), { announced: 2 ** 62 }), 1009],
  };
  for (const [what, [bytes, code]] of Object.entries(frames)) {
    const socket = await WebSocket.enter(hub, token);
    socket.write(bytes);
    assert.equal(await socket.end(), code, what);
    await works(what);
  }
  await finish();
});

test("10 MB in one message, in fragments, and of mere garbage, over WebSocket", async (t) => {
  const { hub, token, works, finish } = await studio(t);
  const chunk = Buffer.alloc(64 * 1024, "x");

  const whole = await WebSocket.enter(hub, token);
  whole.write(frame(Buffer.alloc(10 * megabyte, "x")));
  assert.ok([1009, undefined].includes(await whole.end()));
  await works("one message");

  const pieces = await WebSocket.enter(hub, token);
  pieces.write(frame(chunk, { fin: false }));
  for (let i = 1; i < 160; i++) pieces.write(frame(chunk, { opcode: 0, fin: false }));
  assert.ok([1009, undefined].includes(await pieces.end()));
  await works("fragments");

  const garbage = await WebSocket.enter(hub, token);
  for (let i = 0; i < 160; i++) garbage.write(chunk);
  assert.ok([1002, undefined].includes(await garbage.end()));
  await works("garbage");

  const stranger = await WebSocket.open(hub);
  stranger.write(frame(Buffer.alloc(10 * megabyte, "x")));
  await stranger.end();
  await works("a stranger's");
  await finish();
});

test("who is not signed in may say nothing but CONNECT", async (t) => {
  const { hub, ana, project, works, finish } = await studio(t);
  const stranger = await WebSocket.open(hub);
  stranger.send(`420["task:create",${JSON.stringify({ projectId: project.id, title: "Uninvited" })}]`);
  await stranger.end();
  await works("a stranger's command");
  const refused = await WebSocket.open(hub);
  refused.send('40{"token":"garbage"}');
  const answer = await refused.message();
  assert.match(answer, /^44\{/);
  assert.equal(JSON.parse(answer.slice(2)).data.code, "unauthenticated");
  refused.send(`420["task:create",${JSON.stringify({ projectId: project.id, title: "Uninvited" })}]`);
  await works("after a refusal");
  assert.equal(ana.events.some((event) => event.body.task?.title === "Uninvited"), false);
  await finish();
});

test("bad bodies over HTTP", async (t) => {
  const { hub, token, works, finish } = await studio(t);
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const bodies = {
    "nothing": "",
    "no JSON": "garbage",
    "cut off": '{"title":',
    "an array": "[]",
    "a string": '"x"',
    "deep": deep,
    "deep inside": `{"title":${deep}}`,
    "the same member twice": '{"id":"a","id":"b"}',
    "no UTF-8": Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
  };
  for (const [what, body] of Object.entries(bodies)) {
    const answer = await hub.request("POST", "/commands/timer:start", { token, body });
    assert.equal(answer.status, 422, what);
    assertError(answer.body, "invalid", what);
  }
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
    const answer = await hub.request("POST", "/commands/timer:start", { token, body: "{}", type });
    assert.equal(answer.status, 422, type);
  }
  const page = { Origin: "http://elsewhere.example" };
  const foreign = await hub.request("POST", "/commands/timer:start", { token, body: "{}", headers: page });
  assert.equal(foreign.status, 403);
  assertError(foreign.body, "forbidden");
  await works("bad bodies");
  await finish();
});

test("10 MB over HTTP", async (t) => {
  const { hub, token, works, finish } = await studio(t);
  const head = (length, more = "") =>
    `POST /api/v1/commands/task:create HTTP/1.1\r\nHost: 127.0.0.1:${hub.port}\r\n${more}` +
    `Authorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
  const big = Buffer.alloc(10 * megabyte, "x");

  const announced = (await hub.raw(head(big.length), big)).toString();
  if (announced !== "") assert.match(announced, /^HTTP\/1\.1 413 /);
  await works("a large body");

  const expecting = (await hub.raw(head(big.length, "Expect: 100-continue\r\n"))).toString();
  assert.match(expecting, /^HTTP\/1\.1 413 /);
  assert.match(expecting, /"too_large"/);
  await works("a large body that asks first");

  const garbage = (await hub.raw(big)).toString();
  if (garbage !== "") assert.match(garbage, /^HTTP\/1\.1 4\d\d /);
  await works("garbage");

  const lines = Array(160).fill(`X-Long: ${"x".repeat(65_000)}\r\n`);
  const headers = (await hub.raw("GET /api/v1/health HTTP/1.1\r\n", ...lines)).toString();
  if (headers !== "") assert.match(headers, /^HTTP\/1\.1 4\d\d /);
  await works("endless headers");

  const smuggled = (await hub.raw(head("5\r\nContent-Length: 6"), "{}   x")).toString();
  assert.match(smuggled, /^HTTP\/1\.1 4\d\d /);
  const chunked = (await hub.raw(head("2", "Transfer-Encoding: chunked\r\n"), "2\r\n{}\r\n0\r\n\r\n")).toString();
  assert.match(chunked, /^HTTP\/1\.1 4\d\d /);
  await works("ambiguous lengths");
  await finish();
});

test("one who floods is slowed down, the others are not", async (t) => {
  const { hub, token, works, finish } = await studio(t);
  const eve = await hub.connect(token);
  const answers = Array.from({ length: 2000 }, () => eve.ask("office:describe", {}));
  await works("while it pours");
  const codes = new Set((await Promise.all(answers)).map((answer) => (answer.ok ? "ok" : answer.error.code)));
  for (const code of codes) assert.ok(["ok", "rate_limited"].includes(code), code);
  await finish();
});

test("one who does not read is let go, the others get everything", async (t) => {
  const { hub, token, ana, project, works, finish } = await studio(t, "--limit", "commands-at-once=1000");
  const eve = await WebSocket.enter(hub, token);
  eve.socket.pause();
  const description = "x".repeat(40_000);
  for (let i = 0; i < 40; i++) {
    // More than the kernel's buffers and the hub's own limit hold.
    await Promise.all(
      Array.from({ length: 10 }, () => ana.do("task:create", { projectId: project.id, title: "Long", description })),
    );
  }
  await works("while nobody reads");
  eve.socket.resume();
  await eve.end();
  await finish();
});

test("many who connect and vanish leave nothing behind", async (t) => {
  const { hub, token, works, finish } = await studio(t);
  for (let round = 0; round < 20; round++) {
    const sockets = await Promise.all(Array.from({ length: 5 }, () => WebSocket.open(hub)));
    sockets.forEach((socket, i) => {
      if (i % 2) socket.send(`40${JSON.stringify({ token })}`);
      socket.socket.resetAndDestroy();
    });
  }
  await works("afterwards");
  await finish();
});

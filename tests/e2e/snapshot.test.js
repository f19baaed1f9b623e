// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A snapshot is streamed: of one moment, however long it takes to read, and never whole in the hub's memory (sync.md, On
// the hub).

"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const http = require("node:http");
const { Hub, test } = require("./hub.js");

const limits = [
  "person-commands-per-second=10000", "person-commands-at-once=100000", "commands-per-second=10000",
  "commands-at-once=100000", "stored-per-day=1000000000", "read-per-second=1000000",
].flatMap((limit) => ["--limit", limit]);

// More than the kernel's buffers hold.
const tasks = 60;
const description = "€".repeat(50_000);

async function studio(t) {
  const hub = await Hub.office(t, ...limits);
  const token = hub.token("ana");
  const ana = await hub.connect(token);
  const ben = await hub.join("Ben");
  const { project } = await ana.do("project:create", { name: "Studio", key: "STU", memberIds: [ben.user.id] });
  for (let i = 0; i < tasks; i++) await ana.do("task:create", { projectId: project.id, title: `Task ${i}`, description });
  return { hub, token, ana, ben, project, room: `project:${project.id}` };
}

/** Asks for it, and reads no more than its head; resolves to the answer. */
function begin({ hub }, token, query, agent) {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${token}` };
    http.get(`${hub.url}/api/v1/snapshot?${query}`, { headers, agent }, resolve).on("error", reject);
  });
}

async function finish(answer) {
  const chunks = [];
  for await (const chunk of answer) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  assert.equal(text.at(-1), "\n");
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

const measure = ({ hub }, name) => Number(fs.readFileSync(`/proc/${hub.child.pid}/status`, "utf8").match(`${name}:\\s*(\\d+)`)[1]);

test("it is of one moment, in pieces, and holds up nobody", async (t) => {
  const world = await studio(t);
  const { token, ana, project, room } = world;
  const before = measure(world, "VmRSS");
  const answers = await Promise.all(Array.from({ length: 4 }, () => begin(world, token, `room=${room}`)));
  const [answer] = answers;
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers["transfer-encoding"], "chunked");
  assert.equal(answer.headers["content-length"], undefined);
  assert.equal(answer.headers["content-type"], "application/x-ndjson");

  // While nobody reads on, the office goes on.
  const later = [];
  for (let i = 0; i < 20; i++) later.push(await ana.do("task:create", { projectId: project.id, title: "Later" }));
  await ana.do("task:delete", { id: later[0].task.id });
  assert.ok(measure(world, "VmHWM") - before < 8 * 1024, "it was made whole");
  assert.equal((await world.hub.get("/health")).status, 200);

  for (const each of answers) {
    const lines = await finish(each);
    assert.deepEqual(lines.map(({ kind }) => kind), ["epoch", "room", "project", ...Array(tasks).fill("task"), "end"]);
    assert.equal(lines[1].seq, tasks + 1);
    assert.ok(lines.slice(3, -1).every(({ value }) => value.description === description && value.title !== "Later"));
  }
  const [, { seq }] = await finish(await begin(world, token, `room=${room}`));
  assert.equal(seq, tasks + 22);
});

test("one is as good as whole in HTTP/1.0, in chunks in 1.1, and the next answer follows it", async (t) => {
  const world = await studio(t);
  const { hub, token, ana, ben } = world;
  const { project } = await ana.do("project:create", { name: "Small", memberIds: [ben.user.id] });
  const ask = (version, more = "") => (
    `GET /api/v1/snapshot?room=project:${project.id} HTTP/${version}\r\nHost: 127.0.0.1\r\n`
    + `Authorization: Bearer ${token}\r\n${more}\r\n`
  );
  const old = (await hub.raw(ask("1.0", "Connection: keep-alive\r\n"))).toString();
  const [head, body] = old.split("\r\n\r\n");
  assert.doesNotMatch(head, /Transfer-Encoding|Content-Length|keep-alive/);
  assert.match(head, /Connection: close/);
  assert.match(body, /^\{"kind":"epoch".*\{"kind":"end"\}\n$/s);

  const twice = (await hub.raw(ask("1.1") + ask("1.1", "Connection: close\r\n"))).toString();
  const answers = twice.split("HTTP/1.1 200 OK\r\n").slice(1);
  assert.equal(answers.length, 2);
  const lines = body.split("\n").length;
  for (const answer of answers) {
    const [size, ...rest] = answer.slice(answer.indexOf("\r\n\r\n") + 4).split("\r\n");
    assert.equal(parseInt(size, 16), Buffer.byteLength(rest[0]));
    assert.equal(rest[0].split("\n").length, lines);
    assert.deepEqual(rest.slice(1), ["0", "", ""]);
  }
});

test("who may see it no more gets no more of it, and sees that it is not whole", async (t) => {
  const world = await studio(t);
  const { hub, ana, ben, project, room } = world;
  for (const end of [
    () => ana.do("project:update", { id: project.id, memberIds: [] }),
    () => ana.do("member:remove", { id: ben.user.id }),
  ]) {
    await ana.do("project:update", { id: project.id, memberIds: [ben.user.id] });
    const answer = await begin(world, ben.accessToken, `room=${room}`);
    await end();
    await assert.rejects(finish(answer), /aborted|terminated|ECONNRESET/);
  }
  assert.equal((await hub.get(`/snapshot?room=${room}`, ben.accessToken)).status, 401);
});

test("one person has only so many at a time, and who hangs up makes room", async (t) => {
  const world = await studio(t);
  const { token, ben, room } = world;
  const open = await Promise.all(Array.from({ length: 4 }, () => begin(world, token, `room=${room}`)));
  const refused = await begin(world, token, `room=${room}`);
  assert.equal(refused.statusCode, 429);
  refused.resume();
  await finish(await begin(world, ben.accessToken, `room=${room}`));
  open[0].destroy();
  let again;
  do again = await begin(world, token, `room=${room}`);
  while (again.statusCode === 429 && again.resume());
  await finish(again);
  for (const answer of open.slice(1)) await finish(answer);
});

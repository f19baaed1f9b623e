// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// An office moves to another machine: what was acknowledged is there, nobody signs in again, and never do two hubs of one
// key serve.

"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { Hub, makeDirectory, randomUUID, run, test } = require("./hub.js");

/** An office of Ana's and Ben's with a task in it, whose hub has stopped, and the file it would be packed into. */
async function stopped(t) {
  const hub = await Hub.office(t);
  const ana = await hub.connect(hub.token("ana"));
  const ben = await hub.join("Ben");
  const { project } = await ana.do("project:create", { name: "Studio", key: "STU", memberIds: [ben.user.id] });
  const given = { opId: randomUUID(), id: randomUUID(), projectId: project.id, title: "Replace the patch bay" };
  const { ready, answer } = await hub.connect(ben.accessToken).then(async (person) => ({
    ready: person.ready,
    answer: await person.ask("task:create", given),
  }));
  await hub.stop("SIGTERM");
  return { hub, ben, project, given, answer, epoch: ready.epoch, file: path.join(path.dirname(hub.directory), "package") };
}

function refusesToServe(hub, file) {
  const refused = hub.run("doctor").status; // it only looks
  assert.equal(refused, 0);
  for (const words of [[], ["invite"], ["rotate-key"], ["restore", "--from", file], ["hand-over", "--to", `${file}.2`]]) {
    const { status, stderr } = run(...words.slice(0, 1), "--data", hub.directory, ...words.slice(1));
    assert.equal(status, 1, words[0]);
    assert.match(stderr, /was handed over to another machine at \S+, as \S+\. .* bureau-hub take-back --data/, words[0]);
  }
}

test("who is in the office goes on at the other machine", async (t) => {
  const { hub, ben, project, given, answer, epoch, file } = await stopped(t);
  const packed = hub.run("hand-over", "--to", file);
  assert.equal(packed.status, 0, packed.stderr);
  assert.match(packed.stdout, /^Packed “Studio” as of .*: 2 people, 2 projects, 1 tasks\n.*keep it secret/s);
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);

  const other = new Hub(t, makeDirectory(t));
  const taken = run("take-over", "--data", other.directory, "--from", file);
  assert.equal(taken.status, 0, taken.stderr);
  assert.match(taken.stdout, /^Took over “Studio” as of /);
  assert.doesNotMatch(taken.stdout, /This was a backup/);
  const key = (office) => fs.readFileSync(path.join(office.directory, "keys", "hub.key"));
  assert.deepEqual(key(other), key(hub));
  for (const name of fs.readdirSync(path.join(other.directory, "keys")))
    assert.equal(fs.statSync(path.join(other.directory, "keys", name)).mode & 0o077, 0, name);

  await other.start();
  const back = await other.connect(ben.accessToken, { since: { [`project:${project.id}`]: 2 }, epoch });
  assert.notEqual(back.ready.epoch, epoch);
  assert.deepEqual(await back.ask("task:create", given), answer);
  await back.do("task:create", { projectId: project.id, title: "Here now" });
  assert.equal((await other.post("/auth/refresh", { refreshToken: ben.refreshToken })).status, 200);
  const { tasks } = (await other.get(`/tasks?project=${project.id}`, ben.accessToken)).body;
  assert.deepEqual(tasks.map((task) => task.key), ["STU-1", "STU-2"]);
  const { entries } = (await other.get("/audit", other.token("ana"))).body;
  assert.equal(entries.filter((row) => row.act === "office.taken_over").length, 1);
  assert.equal(other.run("doctor").status, 0);
  // Nothing of the keys is told.
  for (const text of [packed.stdout, packed.stderr, taken.stdout, taken.stderr, other.errors])
    assert.doesNotMatch(text, /PRIVATE KEY/);
});

test("where it was, it is served no more, unless it is taken back", async (t) => {
  const { hub, ben, project, file } = await stopped(t);
  assert.match(hub.run("take-back").stderr, /no office in \S+ that was handed over/);
  assert.equal(hub.run("hand-over", "--to", file).status, 0);
  refusesToServe(hub, file);
  assert.equal(fs.existsSync(`${file}.2`), false);

  const back = hub.run("take-back");
  assert.equal(back.status, 0, back.stderr);
  assert.match(back.stdout, /No other machine may serve it/);
  await hub.start();
  const { tasks } = (await hub.get(`/tasks?project=${project.id}`, ben.accessToken)).body;
  assert.equal(tasks.length, 1);
});

test("an office that is served is not handed over, nor over a file, nor into another office", async (t) => {
  const { hub, file } = await stopped(t);
  fs.writeFileSync(file, "somebody's");
  assert.match(hub.run("hand-over", "--to", file).stderr, /There is a file \S+ already/);
  assert.equal(fs.readFileSync(file, "utf8"), "somebody's");
  fs.unlinkSync(file);

  await hub.start();
  assert.match(hub.run("hand-over", "--to", file).stderr, /Another hub is serving the office/);
  assert.equal(fs.existsSync(file), false);
  assert.equal(hub.run("backup", "--to", file).status, 0);
  assert.match(run("take-over", "--data", hub.directory, "--from", file).stderr, /There is an office in \S+ already/);
  await hub.stop("SIGTERM");
  await hub.start();
});

test("what can't be packed stays where it is", async (t) => {
  const { hub, file } = await stopped(t);
  const failed = hub.run("hand-over", "--to", path.join(file, "in", "no", "folder"));
  assert.equal(failed.status, 1);
  await hub.start();
});

test("of a backup, whoever takes the office over is warned that its hub may still be there", async (t) => {
  const { hub, file } = await stopped(t);
  assert.equal(hub.run("backup", "--to", file).status, 0);
  const taken = run("take-over", "--data", makeDirectory(t), "--from", file);
  assert.equal(taken.status, 0, taken.stderr);
  assert.match(taken.stdout, /This was a backup: make sure that the old hub serves the office no more/);
});

test("a damaged package leaves nothing behind that could be served", async (t) => {
  const { hub, file } = await stopped(t);
  assert.equal(hub.run("hand-over", "--to", file).status, 0);
  const content = fs.readFileSync(file);
  content[content.length >> 1] ^= 1;
  fs.writeFileSync(file, content);
  const directory = makeDirectory(t);
  assert.equal(run("take-over", "--data", directory, "--from", file).status, 1);
  assert.match(run("--data", directory).stderr, /no office/);
});

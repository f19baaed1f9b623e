// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// An office is backed up while people work, and put back: what a backup holds is the office as it was at one moment, and
// every client finds its way (reliability.md, G7 and G21).

"use strict";

const assert = require("node:assert/strict");
const { spawn, spawnSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { Hub, makeDirectory, program, randomUUID, run, test, within } = require("./hub.js");

/** Runs bureau-hub beside what this process has to do. */
async function runBeside(...words) {
  const child = spawn(program, words);
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors += text;
  });
  const status = await within(new Promise((resolve) => child.on("exit", resolve)), words[0]);
  assert.equal(status, 0, errors);
}

/** All of a room's log. */
async function readLog(hub, token, room) {
  const events = [];
  for (;;) {
    const page = (await hub.get(`/events?room=${room}&since=${events.length}`, token)).body;
    if (page.events.length === 0) return events;
    events.push(...page.events);
  }
}

function percentile(values, share) {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * share)];
}

/** Creates tasks, so many a second, until it is stopped: resolves to how long each took, in ms. */
function keepWorking(person, projectId, perSecond) {
  const times = [];
  const waiting = new Set();
  const timer = setInterval(() => {
    const begun = performance.now();
    const answer = person.do("task:create", { projectId, title: `Task ${times.length}`, description: "x".repeat(500) });
    waiting.add(answer);
    answer.then(() => times.push(performance.now() - begun)).finally(() => waiting.delete(answer));
  }, 1000 / perSecond);
  return {
    times,
    async stop() {
      clearInterval(timer);
      await Promise.all(waiting);
    },
  };
}

test("a backup under 200 changes a second is the log's beginning, and holds nobody up", async (t) => {
  const hub = await Hub.office(t, "--limit", "commands-per-second=1000", "--limit", "person-commands-per-second=1000");
  const token = hub.token("ana");
  const ana = await hub.connect(token);
  const { project } = await ana.do("project:create", { name: "Studio", key: "STU" });
  const room = `project:${project.id}`;
  const before = keepWorking(ana, project.id, 200);
  while (before.times.length < 200) await ana.next("task:created");
  await before.stop();

  const work = keepWorking(ana, project.id, 200);
  const files = [0, 1, 2].map((n) => path.join(path.dirname(hub.directory), `backup-${n}`));
  for (const file of files) await runBeside("backup", "--data", hub.directory, "--to", file);
  await work.stop();
  t.diagnostic(
    `an answer took at most ${Math.max(...before.times).toFixed(1)} ms alone, beside backups ` +
      `${Math.max(...work.times).toFixed(1)} ms (median ${percentile(work.times, 0.5).toFixed(1)} ms), of ${work.times.length}`,
  );
  const log = await readLog(hub, token, room);

  let last = 0;
  for (const file of files) {
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    const other = new Hub(t, makeDirectory(t));
    const restored = run("restore", "--data", other.directory, "--from", file);
    assert.equal(restored.status, 0, restored.stderr);
    await other.start();
    const beginning = await readLog(other, other.token("ana"), room);
    assert.ok(beginning.length > last, "a later backup holds more");
    assert.deepEqual(beginning, log.slice(0, beginning.length));
    const { tasks } = (await other.get(`/tasks?project=${project.id}`, other.token("ana"))).body;
    assert.equal(tasks.length, beginning.length - 1); // the first made the project
    assert.equal(other.run("doctor").status, 0);
    last = beginning.length;
    await other.stop("SIGTERM");
  }
});

test("who comes back to an office that was put back is told so, and what they send again is done once", async (t) => {
  const hub = await Hub.office(t);
  const token = hub.token("ana");
  const file = path.join(path.dirname(hub.directory), "backup");
  const ben = await hub.join("Ben");
  const first = await hub.connect(ben.accessToken);
  const { project } = await (await hub.connect(token)).do("project:create", {
    name: "Studio",
    key: "STU",
    memberIds: [ben.user.id],
  });
  const kept = { opId: randomUUID(), id: randomUUID(), projectId: project.id, title: "Before the backup" };
  const lost = { opId: randomUUID(), id: randomUUID(), projectId: project.id, title: "After it" };
  const answer = await first.ask("task:create", kept);
  assert.equal(hub.run("backup", "--to", file).status, 0);
  await first.do("task:create", lost);
  const since = { ...first.ready.rooms, [`project:${project.id}`]: 3 };
  const { epoch } = first.ready;

  const busy = hub.run("restore", "--from", file);
  assert.equal(busy.status, 1);
  assert.match(busy.stderr, /Another hub is serving the office/);
  await hub.stop("SIGTERM");
  const done = hub.run("restore", "--from", file);
  assert.equal(done.status, 0, done.stderr);
  assert.match(done.stdout, /^Put back “Studio” as of .*: 2 people, 2 projects, 1 tasks\nWhat was there is now in \S+\n$/);
  await hub.start();

  // Still signed in, by the token they had and by the next.
  const back = await hub.connect(ben.accessToken, { since, epoch });
  assert.notEqual(back.ready.epoch, epoch);
  assert.ok((await back.next("sync:reset")).rooms.includes(`project:${project.id}`));
  assert.equal((await hub.post("/auth/refresh", { refreshToken: ben.refreshToken })).status, 200);
  assert.deepEqual(await back.ask("task:create", kept), answer);
  await back.do("task:create", lost);
  const { tasks } = (await hub.get(`/tasks?project=${project.id}`, token)).body;
  assert.deepEqual(tasks.map((task) => [task.title, task.key]), [[kept.title, "STU-1"], [lost.title, "STU-2"]]);
  assert.equal((await hub.get("/audit", token)).body.entries.filter((row) => row.act === "office.restored").length, 1);
});

test("what is no backup is not put back", async (t) => {
  const hub = await Hub.office(t);
  await hub.stop("SIGTERM");
  const directory = path.dirname(hub.directory);
  const file = path.join(directory, "backup");
  assert.equal(hub.run("backup", "--to", file).status, 0);
  const again = hub.run("backup", "--to", file);
  assert.equal(again.status, 1);
  assert.match(again.stderr, /There is a file \S+ already/);

  const bytes = fs.readFileSync(file);
  const before = fs.readFileSync(path.join(hub.directory, "hub.db"));
  const broken = path.join(directory, "broken");
  const flipped = Buffer.from(bytes);
  flipped[bytes.length >> 1] ^= 4;
  for (const contents of [Buffer.alloc(0), Buffer.from("no backup"), bytes.subarray(0, bytes.length >> 1), flipped]) {
    fs.writeFileSync(broken, contents);
    const refused = hub.run("restore", "--from", broken);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /This backup is damaged, or it is none/);
  }
  assert.equal(hub.run("restore", "--from", path.join(directory, "nothing")).status, 1);
  assert.deepEqual(fs.readFileSync(path.join(hub.directory, "hub.db")), before);
  assert.equal(fs.existsSync(path.join(hub.directory, "backups")), false);
  await hub.start();
});

test("an archive leads nowhere else", async (t) => {
  const hub = await Hub.office(t);
  await hub.stop("SIGTERM");
  const directory = path.dirname(hub.directory);
  const hash = (text) => createHash("sha256").update(text).digest("hex");
  const write = (names) => {
    const root = path.join(directory, "tree");
    fs.mkdirSync(path.join(root, "a"), { recursive: true });
    const files = names.map((name) => ({ name, length: 1, sha256: hash("x") }));
    const manifest = JSON.stringify({ bureau: 1, at: "2026-11-21T00:00:00.000Z", files });
    fs.writeFileSync(path.join(root, "manifest.json"), manifest);
    fs.writeFileSync(path.join(root, "manifest.sha256"), hash(manifest));
    fs.writeFileSync(path.join(root, "a", "x"), "x");
    const rename = names.map((name) => `--transform=s,^a/x$,${name},`);
    const packed = spawnSync("tar", ["-czPf", path.join(directory, "hostile"), "-C", root, ...rename, "manifest.json",
      "manifest.sha256", "a/x"]);
    assert.equal(packed.status, 0, String(packed.stderr));
  };
  for (const name of ["../escaped", "/tmp/escaped", "keys/../../escaped", "./hub.db", "keys//x", ".hidden"]) {
    write([name]);
    const refused = hub.run("restore", "--from", path.join(directory, "hostile"));
    assert.equal(refused.status, 1, name);
    assert.match(refused.stderr, /This backup is damaged, or it is none/, name);
  }
  assert.deepEqual(fs.readdirSync(directory).sort(), ["hostile", "office", "tree"]);
  await hub.start();
});

// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What is another office's can't be told from nothing by how long the answer takes either (reliability.md, G29).

"use strict";

const assert = require("node:assert/strict");
const { Hub, randomUUID, run, test } = require("./hub.js");

const tries = 1000;
// ms: well below the 2 of G29, and above what chance makes of so many tries.
const tolerate = (median) => 0.03 + median / 10;
const limits = [
  "person-commands-per-second=100000", "person-commands-at-once=100000", "commands-per-second=100000",
  "commands-at-once=100000",
].flatMap((limit) => ["--limit", limit]);

async function makeOffices(t) {
  const hub = await Hub.office(t, ...limits);
  await hub.stop("SIGTERM");
  const added = run("add-office", "--data", hub.directory, "--office", "Other", "--owner", "Zoe");
  assert.equal(added.status, 0, added.stderr);
  await hub.start();
  const [, secret] = added.stdout.match(/^link .*[.]([\w-]+)$/m);
  const zoe = (await hub.post("/auth/join", { code: secret, name: "Zoe", device: "test" })).body;
  const hers = await hub.connect(zoe.accessToken);
  const { project } = await hers.do("project:create", { name: "Hers" });
  const { task } = await hers.do("task:create", { projectId: project.id, title: "Hers", description: "x".repeat(20000) });
  const { entry } = await hers.do("timer:start", { taskId: task.id });
  const token = hub.token("ana");
  return { hub, token, ana: await hub.connect(token), project, task, entry, person: zoe.user };
}

const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];

/** The median ms that @ask takes of an id that is somebody's, and of one that is nobody's. */
async function compare(ask, id) {
  const times = { foreign: [], random: [] };
  for (let i = 0; i < tries; i++) {
    for (const kind of i % 2 ? ["foreign", "random"] : ["random", "foreign"]) {
      const asked = kind === "foreign" ? id : randomUUID();
      const start = performance.now();
      await ask(asked);
      times[kind].push(performance.now() - start);
    }
  }
  return [median(times.foreign), median(times.random)];
}

test("a stranger's question takes as long whether there is something or not", async (t) => {
  const w = await makeOffices(t);
  const live = (name, field, more) => async (id) => {
    const answer = await w.ana.ask(name, { [field]: id, ...more });
    assert.match(answer.error.code, /^(not_found|forbidden)$/);
  };
  const rest = (make) => async (id) => {
    const { status } = await w.hub.get(make(id), w.token);
    assert.ok(status === 404 || status === 403);
  };
  for (const [what, ask, { id }] of [
    ["task:update", live("task:update", "id", { title: "Mine" }), w.task],
    ["project:update", live("project:update", "id", { color: "#112233" }), w.project],
    ["timer:stop", live("timer:stop", "id"), w.entry],
    ["member:set_role", live("member:set_role", "id", { role: "guest" }), w.person],
    ["room:join", live("room:join", "taskId"), w.task],
    ["GET tasks/", rest((id) => `/tasks/${id}`), w.task],
    ["GET events", rest((id) => `/events?room=project:${id}`), w.project],
  ]) {
    const [foreign, random] = await compare(ask, id);
    t.diagnostic(`${what}: ${foreign.toFixed(3)} ms of another's, ${random.toFixed(3)} ms of nobody's`);
    assert.ok(Math.abs(foreign - random) < tolerate(random), what);
  }
});

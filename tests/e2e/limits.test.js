// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// How much one person, and one address, may ask of a hub: up to the limit all of it, beyond it a clear answer, and the
// neighbours notice nothing.

"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { setTimeout } = require("node:timers/promises");
const { Hub, assertError, randomUUID, secretOf, test } = require("./hub.js");

const limits = (...pairs) => pairs.flatMap((pair) => ["--limit", pair]);

/** Ana's hub with these limits, and a project of hers. */
async function office(t, ...pairs) {
  const hub = await Hub.office(t, ...limits(...pairs));
  const token = hub.token("ana");
  const made = await hub.command(token, "project:create", { name: "Studio", key: "STU" });
  assert.equal(made.status, 200, made.text);
  return { hub, token, project: made.body.project.id };
}

function assertTooMuch(answer, about) {
  assert.equal(answer.status, 429, `${about}: ${answer.text}`);
  assertError(answer.body, "rate_limited", about);
  assert.ok(answer.body.error.retryAfterMs > 0, answer.text);
}

const ways = {
  "auth/login": { handle: "ana", password: "not her password", device: "test" },
  "auth/join": { code: "AAAAAAAAAAAAAAAAAAAAAA", name: "Eve", device: "test" },
  "auth/invitation": { code: "AAAAAAAAAAAAAAAAAAAAAA" },
  "auth/code": { nonce: "AAAAAAAAAAAAAAAAAAAAAA" },
};

for (const [way, body] of Object.entries(ways)) {
  test(`${way} is counted by address, apart from the other ways`, async (t) => {
    const { hub, token } = await office(t, "sign-ins-per-minute=1", "sign-ins-at-once=3");
    for (let n = 0; n < 3; n++) {
      const answer = await hub.post(`/${way}`, body);
      assert.notEqual(answer.status, 404, answer.text);
      if (answer.status === 429) assert.ok(answer.body.error.retryAfterMs < 60_000_000);
    }
    assertTooMuch(await hub.post(`/${way}`, body), way);

    // Neither whoever is signed in nor a session that is renewed has to wait for it.
    const work = await hub.get("/office", token);
    assert.equal(work.status, 200);
    const refresh = await hub.post("/auth/refresh", { refreshToken: "AAAA" });
    assert.equal(refresh.status, 401, refresh.text);
  });
}

test("a person's commands are counted over all their connections, and nobody else's", async (t) => {
  const { hub, project } = await office(t, "person-commands-per-second=1", "person-commands-at-once=30");
  const ben = await hub.join("Ben");
  const mia = await hub.join("Mia");
  const windows = [await hub.connect(ben.accessToken), await hub.connect(ben.accessToken)];
  const neighbour = await hub.connect(mia.accessToken);

  const create = (title) => ["task:create", { projectId: project, title }];
  const answers = await Promise.all(
    Array.from({ length: 28 }, (_, n) => windows[n % 2].ask(...create(`Task ${n}`))),
  );
  assert.equal(answers.filter((answer) => answer.ok).length, 28);
  // The 29th and the 30th through REST.
  assert.equal((await hub.get("/tasks", ben.accessToken)).status, 200);
  assert.equal((await hub.command(ben.accessToken, ...create("By REST"))).status, 200);
  const more = await Promise.all([
    windows[0].ask(...create("Too much")),
    windows[1].ask(...create("Too much")),
    hub.command(ben.accessToken, ...create("Too much")),
    hub.get("/tasks", ben.accessToken),
  ]);
  const refused = more.filter((answer) => answer.status === 429 || answer.error?.code === "rate_limited");
  assert.ok(refused.length >= 3, JSON.stringify(more)); // a second may have passed

  for (let n = 0; n < 20; n++) await neighbour.do(...create(`Mia's ${n}`));
  const tasks = await hub.get("/tasks", hub.token("ana"));
  assert.equal(tasks.body.tasks.filter((task) => task.title === "Too much").length, 4 - refused.length);
});

test("one person can't fill the disk, and the others go on", async (t) => {
  const { hub, token, project } = await office(t, "stored-per-day=2000000");
  const ben = await hub.join("Ben");
  const size = () =>
    ["hub.db", "hub.db-wal"].reduce((sum, name) => sum + fs.statSync(path.join(hub.directory, name)).size, 0);
  const description = "x".repeat(49_000);
  let answer, stored = 0;

  for (;;) {
    answer = await hub.command(ben.accessToken, "task:create", { projectId: project, title: "Big", description });
    if (answer.status !== 200) break;
    stored++;
    assert.ok(stored < 100, "there is no end to it");
  }
  assertTooMuch(answer, "a day's bytes");
  assert.match(answer.body.error.message, /in a day/);
  // An event holds the task, and so does the answer that is kept for a repeat: each is counted.
  assert.ok(stored >= 18 && stored <= 40, `${stored} were stored`);

  // What changes little costs little; but a title changed is a whole task stored anew.
  const before = size();
  for (let n = 0; n < 50; n++) {
    answer = await hub.command(ben.accessToken, "task:create", { projectId: project, title: "Big", description });
    assertTooMuch(answer, "a day's bytes");
  }
  assert.ok(size() - before < 100_000, "what was refused was stored");
  const hers = await hub.command(token, "task:create", { projectId: project, title: "Hers", description });
  assert.equal(hers.status, 200, hers.text);
  const tasks = await hub.get("/tasks", token);
  assert.equal(tasks.body.tasks.length, stored + 1);
});

test("one person can't keep the hub busy with reading to them, and the others read on", async (t) => {
  const { hub, token, project } = await office(t, "read-per-second=1", "read-at-once=60");
  const ben = await hub.join("Ben");
  const task = { projectId: project, title: "Big", description: "x".repeat(40_000) };
  assert.equal((await hub.command(token, "task:create", task)).status, 200);
  const reading = ["/tasks", "/snapshot", `/events?room=project:${project}`];
  for (const where of reading.slice(0, 2)) assert.equal((await hub.get(where, ben.accessToken)).status, 200, where);
  for (const where of reading) assertTooMuch(await hub.get(where, ben.accessToken), where);
  // What is little is not counted, and she has had nothing yet.
  assert.equal((await hub.get("/office", ben.accessToken)).status, 200);
  assert.equal((await hub.get("/snapshot", token)).status, 200);
});

test("who comes back over and over is read the log no more than so often", async (t) => {
  const { hub, token, project } = await office(t, "read-per-second=1", "read-at-once=60");
  const ben = await hub.join("Ben");
  const { epoch } = (await hub.connect(ben.accessToken)).ready;
  const task = { projectId: project, title: "Big", description: "x".repeat(40_000) };
  assert.equal((await hub.command(token, "task:create", task)).status, 200);
  const since = { [`project:${project}`]: 0 };
  const comeBack = async () => {
    const live = await hub.connect(ben.accessToken, { since, epoch });
    live.socket.disconnect();
    return live.names().includes("sync:reset") ? "reset" : live.names().includes("task:created") ? "read" : "nothing";
  };
  assert.deepEqual([await comeBack(), await comeBack(), await comeBack()], ["read", "read", "reset"]);
  // Who has missed nothing is read nothing.
  since[`project:${project}`] = (await hub.connect(ben.accessToken)).ready.rooms[`project:${project}`];
  assert.equal(await comeBack(), "nothing");
});

for (const [command, limit, params] of [
  ["project:create", "projects-per-hour", { name: "More" }],
  ["member:add", "members-per-hour", { name: "More" }],
  ["member:invite", "invitations-per-hour", {}],
]) {
  test(`${command} is for so many an hour, and a repeat costs nothing`, async (t) => {
    const { hub, token } = await office(t, `${limit}=5`);
    const given = command === "project:create" ? 1 : 0; // the office's own
    const opId = randomUUID();
    const durable = command !== "member:invite";
    for (let n = given; n < 5; n++) {
      const first = durable && n === given;
      const answer = await hub.command(token, command, first ? { ...params, opId } : params);
      assert.equal(answer.status, 200, answer.text);
    }
    assertTooMuch(await hub.command(token, command, params), command);
    if (durable) assert.equal((await hub.command(token, command, { ...params, opId })).status, 200);
  });
}

test("a new code counts as an invitation, and what is refused leaves the old one good", async (t) => {
  const { hub, token } = await office(t, "invitations-per-hour=3");
  const { invitation } = (await hub.command(token, "member:invite")).body;
  const renewed = [];
  for (let n = 1; n < 3; n++) renewed.push(await hub.command(token, "member:renew_code", { id: invitation.id }));
  assert.deepEqual(renewed.map((answer) => answer.status), [200, 200]);
  assertTooMuch(await hub.command(token, "member:renew_code", { id: invitation.id }), "codes");
  const open = await hub.command(token, "member:list_invites");
  assert.equal(open.body.invitations[0].codeExpiresAt, renewed[1].body.codeExpiresAt);
  const { entries } = (await hub.get("/audit?limit=500", token)).body;
  assert.equal(entries.filter((entry) => entry.act === "invitation.renewed").length, 2);
});

test("an office of five hundred behind one address comes back after a restart", async (t) => {
  const hub = await Hub.office(t);
  const devices = [];
  for (let n = 0; n < 50; n++) {
    const code = secretOf(hub.invite("--uses", "10").link);
    for (let use = 0; use < 10; use++) {
      const answer = await hub.post("/auth/join", { code, name: `P${n}x${use}`, device: "test" });
      assert.equal(answer.status, 200, answer.text);
      devices.push(answer.body.refreshToken);
    }
  }
  await hub.stop("SIGTERM");
  await hub.start();

  // All at once; whoever is turned away comes again in a while, as a client does.
  const from = performance.now();
  let tries = 0;
  const answers = await Promise.all(
    devices.map(async (refreshToken) => {
      for (;;) {
        tries++;
        const answer = await hub.post("/auth/refresh", { refreshToken }).catch(() => ({ status: 0 }));
        if (![0, 429, 503].includes(answer.status)) return answer;
        await setTimeout((answer.body?.error.retryAfterMs ?? 200) * (1 + Math.random()));
      }
    }),
  );
  assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [200]);
  t.diagnostic(`500 sessions renewed in ${Math.round(performance.now() - from)} ms, with ${tries} requests`);
});

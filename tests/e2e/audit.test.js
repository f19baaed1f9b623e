// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The audit as managers read it, and bureau-hub doctor, from outside.

"use strict";

const assert = require("node:assert/strict");
const { execFile } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { promisify } = require("node:util");
const { Hub, assertError, program, test } = require("./hub.js");

/** The audit's rows of one act, newest first. */
async function rows(hub, token, act) {
  const answer = await hub.get("/audit?limit=500", token);
  assert.equal(answer.status, 200, answer.text);
  return answer.body.entries.filter((entry) => entry.act === act);
}

test("who comes with a token that was withdrawn is noted once, and noise is not", async (t) => {
  const hub = await Hub.office(t);
  const ana = hub.token("ana");
  const ben = await hub.join("Ben");
  const out = await hub.post("/auth/logout", {}, ben.accessToken);
  assert.equal(out.status, 200, out.text);

  for (let n = 0; n < 5; n++) {
    assert.equal((await hub.get("/office", ben.accessToken)).status, 401);
    assert.equal((await hub.refusal({ token: ben.accessToken })).data.code, "unauthenticated");
  }
  const refused = await rows(hub, ana, "sign_in.refused");
  assert.equal(refused.length, 1, JSON.stringify(refused));
  assert.equal(refused[0].subject, ben.user.id);
  assert.equal(refused[0].subjectName, "Ben");
  assert.equal(refused[0].actorId, undefined);
  assert.equal(refused[0].address, "127.0.0.1");

  for (const token of ["", "x", "a.b.c", `${ben.accessToken}x`, ben.accessToken.slice(0, -1)]) {
    assert.equal((await hub.get("/office", token)).status, 401);
    await hub.refusal({ token });
  }
  assert.equal((await rows(hub, ana, "sign_in.refused")).length, 1);
  assert.equal((await rows(hub, ana, "sign_out")).length, 1);
});

test("a refused command is in the audit, over both doors, with what it was about", async (t) => {
  const hub = await Hub.office(t);
  const ana = hub.token("ana");
  const project = (await hub.get("/office", ana)).body.projects[0].id;
  const ben = await hub.join("Ben");
  const live = await hub.connect(ben.accessToken);
  await live.refused("forbidden", "project:archive", { id: project });
  assert.equal((await hub.command(ben.accessToken, "member:invite", {})).status, 403);

  const refused = await rows(hub, ana, "command.refused");
  assert.deepEqual(refused.map((entry) => entry.details.why), ["member:invite", "project:archive"]);
  assert.deepEqual(refused.map((entry) => entry.subject), [undefined, project]);
  for (const entry of refused) assert.equal(entry.actorName, "Ben");
});

test("a script is noted, and that the hub is opened to the network, once, whatever is restarted", async (t) => {
  const hub = await Hub.office(t);
  const ana = hub.token("ana");
  for (let n = 0; n < 3; n++) assert.equal((await hub.get("/office", hub.token("ana"))).status, 200);
  const scripts = await rows(hub, ana, "script");
  assert.deepEqual(scripts.map((row) => [row.actorName, row.address]), [["Ana", "127.0.0.1"]]);

  for (const [listen, times] of [["127.0.0.1:0", [0, 0]], ["[::]:0", [1, 0]], ["[::]:0", [1, 0]], ["127.0.0.1:0", [1, 1]]]) {
    await hub.stop("SIGTERM");
    await hub.start(listen);
    const found = [await rows(hub, ana, "hub.shared"), await rows(hub, ana, "hub.unshared")];
    assert.deepEqual(found.map((list) => list.length), times, listen);
  }
});

test("the audit is read in pages, by managers, with numbers that are numbers", async (t) => {
  const hub = await Hub.office(t);
  const ana = hub.token("ana");
  for (const [role, status] of [["guest", 403], ["member", 403], ["manager", 200]]) {
    const somebody = await hub.join(role, "--role", role);
    assert.equal((await hub.get("/audit", somebody.accessToken)).status, status, role);
    assert.equal((await hub.command(somebody.accessToken, "audit:list")).status, status, role);
  }
  assert.equal((await hub.get("/audit")).status, 401);

  const all = (await hub.get("/audit?limit=500", ana)).body.entries;
  const read = [];
  for (let before = ""; ; before = `&before=${read.at(-1).n}`) {
    const { entries } = (await hub.get(`/audit?limit=3${before}`, ana)).body;
    if (entries.length === 0) break;
    read.push(...entries);
  }
  assert.deepEqual(read, all);
  assert.deepEqual(all.map((entry) => entry.n), all.map((_, index) => all.length - index));

  for (const [query, field] of [["before=x", "before"], ["before=0", "before"], ["limit=501", "limit"], ["limit=-1", "limit"],
    ["limit=99999999999999999999", "limit"], ["workspace=x", "workspaceId"]]) {
    const answer = await hub.get(`/audit?${query}`, ana);
    assert.equal(answer.status, 422, `${query}: ${answer.text}`);
    assertError(answer.body, "invalid", query);
    assert.equal(answer.body.error.field, field);
  }
});

test("the doctor finds a busy office well, and says what is not", async (t) => {
  const hub = await Hub.office(t, "--limit", "commands-at-once=100000", "--limit", "person-commands-at-once=100000");
  const token = hub.token("ana");
  const ana = await hub.connect(token);
  const { id } = (await hub.get("/office", token)).body.projects[0];
  let busy = true;
  let done = 0;
  const work = (async () => {
    for (; busy; done++) {
      const { task } = await ana.do("task:create", { projectId: id, title: "Busy" });
      await hub.command(token, "project:update", { id, memberIds: done % 2 ? [task.createdBy] : [] });
    }
  })();
  for (let n = 0; n < 5; n++) {
    const before = done;
    const well = await promisify(execFile)(program, ["doctor", "--data", hub.directory]);
    assert.equal(well.stderr, "");
    assert.match(well.stdout, /^(ok {2}\w+: .+\n){11}$/);
    while (done === before) await new Promise((resolve) => setImmediate(resolve));
  }
  busy = false;
  await work;

  const key = path.join(hub.directory, "keys", "audit.key");
  fs.chmodSync(key, 0o644);
  const open = hub.run("doctor");
  assert.equal(open.status, 1);
  assert.match(open.stdout, /^bad keys: .*audit\.key is open to others\. Run: chmod 600 /m);
  assert.equal(open.stdout.match(/^bad /gm).length, 1);
  assert.equal(fs.statSync(key).mode & 0o777, 0o644);

  const nothing = hub.run("doctor", "more");
  assert.equal(nothing.status, 2);
});

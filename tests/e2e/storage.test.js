// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A hub whose disk has no room left: nothing is acknowledged that is not stored, reading goes on, the owner is told, and
// it recovers by itself (reliability.md, G19).

"use strict";

const assert = require("node:assert/strict");
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { Hub, randomUUID, test } = require("./hub.js");

/** From now on, no file of the hub's grows beyond so many bytes. */
function limitFiles(hub, bytes) {
  execFileSync("prlimit", ["--pid", String(hub.child.pid), `--fsize=${bytes}:`]);
}

/** As if there were no room on the disk for what is more than there is now. */
function fill(hub) {
  limitFiles(hub, Math.max(...["hub.db", "hub.db-wal"].map((name) => fs.statSync(path.join(hub.directory, name)).size)));
}

test("a full disk", async (t) => {
  const hub = await Hub.office(t);
  const token = hub.token("ana");
  const ben = await hub.join("Ben");
  const owner = await hub.connect(token);
  const member = await hub.connect(ben.accessToken);
  const { project } = await owner.do("project:create", { name: "Studio", key: "STU" });
  const description = "x".repeat(40_000);
  const stored = new Set();
  let refused;

  fill(hub);
  while (refused === undefined) {
    const command = { id: randomUUID(), opId: randomUUID(), projectId: project.id, title: "One", description };
    const answer = await hub.command(ben.accessToken, "task:create", command);
    if (answer.status === 200) stored.add(command.id);
    else refused = { command, answer };
  }
  assert.equal(refused.answer.status, 503);
  assert.equal(refused.answer.body.error.code, "unavailable");
  assert.match(refused.answer.body.error.message, /^The hub's disk is full\./);

  // Whoever only asks is answered, and so is who comes now.
  const { tasks } = (await hub.get(`/tasks?project=${project.id}`, token)).body;
  assert.deepEqual(new Set(tasks.map((task) => task.id)), stored);
  assert.equal((await hub.get("/office", token)).body.user.name, "Ana");

  // Not even a little fits any more; a device gets on with the token that it has.
  limitFiles(hub, 0);
  const renewed = await hub.post("/auth/refresh", { refreshToken: ben.refreshToken });
  assert.equal(renewed.status, 200);
  assert.equal(renewed.body.refreshToken, ben.refreshToken);
  assert.equal((await hub.get("/office", renewed.body.accessToken)).body.user.name, "Ben");

  const told = await owner.next("storage:changed");
  assert.equal(told.state, "full");
  assert.equal(told.message, refused.answer.body.error.message);
  const later = await hub.connect(token);
  assert.deepEqual(await later.next("storage:changed"), told);

  limitFiles(hub, "unlimited");
  assert.deepEqual(await owner.next("storage:changed", (event) => event.state === "ok"), { state: "ok" });
  const again = await hub.command(ben.accessToken, "task:create", refused.command);
  assert.equal(again.status, 200);
  assert.equal(again.body.task.key, `STU-${stored.size + 1}`);
  const next = await hub.post("/auth/refresh", { refreshToken: ben.refreshToken });
  assert.equal(next.status, 200);
  assert.notEqual(next.body.refreshToken, ben.refreshToken);
  assert.equal(member.names().includes("storage:changed"), false);
  assert.equal(hub.run("doctor").stdout.match(/^bad (?!disk)/m), null);
});

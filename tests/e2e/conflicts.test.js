// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Two people change the same task from the same version of it: nothing is lost without a word (sync.md, Conflicts).

"use strict";

const assert = require("node:assert/strict");
const { Hub, randomUUID, test } = require("./hub.js");

/** Ana and Ben, who both look at version 1 of one task. */
async function studio(t) {
  const hub = await Hub.office(t);
  const token = hub.token("ana");
  const ana = await hub.connect(token);
  const { project } = await ana.do("project:create", { name: "Studio", key: "STU" });
  const joined = await hub.join("Ben");
  await ana.do("project:update", { id: project.id, memberIds: [joined.user.id] });
  const ben = await hub.connect(joined.accessToken);
  const { task } = await ana.do("task:create", {
    projectId: project.id,
    title: "Cables",
    description: "long ones\nshort ones\nred ones",
  });
  return { hub, token, ana, ben, task, benToken: joined.accessToken };
}

test("other fields are both taken", async (t) => {
  const { ana, ben, task } = await studio(t);
  await ana.do("task:update", { id: task.id, base: 1, title: "New cables" });
  const answer = await ben.do("task:update", { id: task.id, base: 1, priority: 1 });
  assert.equal(answer.conflicts, undefined);
  assert.equal(answer.task.title, "New cables");
  assert.equal(answer.task.priority, 1);
});

test("of the same field the later wins, and both hear of it", async (t) => {
  const { ana, ben, task } = await studio(t);
  const first = await ana.do("task:update", { id: task.id, base: 1, title: "Ana's cables" });
  const answer = await ben.do("task:update", { id: task.id, base: 1, title: "Ben's cables" });
  const expected = [{
    field: "title",
    theirs: "Ana's cables",
    mine: "Ben's cables",
    by: first.task.createdBy,
    byName: "Ana",
    at: first.task.updatedAt,
  }];
  assert.equal(answer.task.title, "Ben's cables");
  assert.deepEqual(answer.conflicts, expected);
  const event = await ana.next("task:updated", (body) => body.task.title === "Ben's cables");
  assert.deepEqual(event.conflicts, expected);
  assert.deepEqual(event.changed, ["title"]);

  const back = await ben.do("task:update", { id: task.id, base: answer.task.version, title: "Ana's cables" });
  assert.equal(back.conflicts, undefined);
  assert.equal(back.task.title, "Ana's cables");
});

test("twenty at the same moment: each is told whom it has overtaken", async (t) => {
  const { hub, ana, ben, token, task } = await studio(t);
  const people = [ana, ben];
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) =>
    people[i % 2].do("task:update", { id: task.id, base: 1, title: `Title ${i}` })));
  const isAna = (answer) => Number(answer.task.title.slice("Title ".length)) % 2 === 0;
  const order = [...answers].sort((a, b) => a.seq - b.seq);
  order.forEach((answer, i) => {
    const overtaken = i > 0 && isAna(answer) !== isAna(order[i - 1]);
    assert.equal(answer.conflicts?.[0].theirs, overtaken ? order[i - 1].task.title : undefined);
  });
  const { body } = await hub.get(`/tasks/${task.id}`, token);
  assert.equal(body.task.title, order.at(-1).task.title);
  assert.equal(body.task.version, 21);
});

test("descriptions are merged by lines", async (t) => {
  const { ana, ben, task } = await studio(t);
  await ana.do("task:update", { id: task.id, base: 1, description: "LONG ones\nshort ones\nred ones" });
  const answer = await ben.do("task:update", { id: task.id, base: 1, description: "long ones\nshort ones\nred ones\nblue ones" });
  assert.equal(answer.conflicts, undefined);
  assert.equal(answer.task.description, "LONG ones\nshort ones\nred ones\nblue ones");
});

test("lines that clash: the later stands, the rest is merged, and it is said", async (t) => {
  const { ana, ben, task } = await studio(t);
  const theirs = "long ones\nshort and thin\nred ones\ngreen ones";
  const mine = "long ones\nshort and thick\nred ones";
  await ana.do("task:update", { id: task.id, base: 1, description: theirs });
  const answer = await ben.do("task:update", { id: task.id, base: 1, description: mine });
  assert.equal(answer.task.description, "long ones\nshort and thick\nred ones\ngreen ones");
  assert.equal(answer.conflicts.length, 1);
  assert.equal(answer.conflicts[0].theirs, theirs);
  assert.equal(answer.conflicts[0].mine, mine);
});

test("as long as it may be, and every line another", async (t) => {
  const { ana, ben, task } = await studio(t);
  const text = (word) => Array.from({ length: 5000 }, (_, i) => `${word} ${i}`).join("\n").slice(0, 50000);
  await ana.do("task:update", { id: task.id, base: 1, description: text("a") });
  const answer = await ben.do("task:update", { id: task.id, base: 1, description: text("b") });
  assert.equal(answer.task.description, text("b"));
  assert.equal(answer.conflicts[0].theirs, text("a"));
});

test("a repeat is answered the same, through both doors, and over a restart", async (t) => {
  const { hub, ana, ben, benToken, task } = await studio(t);
  await ana.do("task:update", { id: task.id, base: 1, title: "Ana's cables" });
  const command = { id: task.id, base: 1, title: "Ben's cables", opId: randomUUID() };
  const first = await ben.do("task:update", command);
  assert.equal(first.conflicts[0].theirs, "Ana's cables");
  await ana.do("task:update", { id: task.id, base: first.task.version, title: "Later" });
  assert.deepEqual(await ben.do("task:update", command), first);
  assert.deepEqual((await hub.command(benToken, "task:update", command)).body, first);

  await hub.stop("SIGKILL");
  await hub.start();
  const again = await hub.command(benToken, "task:update", command);
  assert.deepEqual(again.body, first);
});

test("what was deleted meanwhile is not found, and can be changed once it is back", async (t) => {
  const { ana, ben, task } = await studio(t);
  await ana.do("task:delete", { id: task.id });
  const change = { id: task.id, base: 1, title: "Ben's cables", opId: randomUUID() };
  await ben.refused("not_found", "task:update", change);
  await ben.do("task:undo_delete", { id: task.id });
  const answer = await ben.do("task:update", change);
  assert.equal(answer.task.title, "Ben's cables");
  assert.equal(answer.conflicts, undefined);
});

// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A command sent again is done once, and answered with what the first one did (sync.md, promise 2).

"use strict";

const assert = require("node:assert/strict");
const { Hub, assertError, randomUUID, test } = require("./hub.js");

async function studio(t) {
  const hub = await Hub.office(t);
  const token = hub.token("ana");
  const ana = await hub.connect(token);
  const { project } = await ana.do("project:create", { name: "Studio", key: "STU" });
  const tasks = async () => (await hub.get(`/tasks?project=${project.id}`, token)).body.tasks;
  return { hub, token, ana, project, tasks };
}

test("the same opId again changes nothing more", async (t) => {
  const { hub, token, ana, project, tasks } = await studio(t);
  const create = { projectId: project.id, title: "Once", opId: randomUUID() };
  const first = await ana.do("task:create", create);
  const again = await ana.do("task:create", create);
  assert.equal(JSON.stringify(again), JSON.stringify(first));

  const update = { id: first.task.id, title: "Renamed", opId: randomUUID() };
  const renamed = await ana.do("task:update", update);
  await ana.do("task:update", { id: first.task.id, title: "Renamed again" });
  assert.equal(JSON.stringify(await ana.do("task:update", update)), JSON.stringify(renamed));

  const all = await tasks();
  assert.deepEqual(all.map((task) => task.title), ["Renamed again"]);
  assert.equal(all[0].version, 3);

  // Whatever order the members come in, and whichever door: it is the same command.
  const rest = await hub.command(token, "task:create", { opId: create.opId, title: "Once", projectId: project.id });
  assert.equal(rest.status, 200);
  assert.equal(rest.text, JSON.stringify(first));
});

test("over REST the answers are equal to the byte", async (t) => {
  const { hub, token, project, tasks } = await studio(t);
  const command = { projectId: project.id, title: "Ünïcode \u{1f600} \"quoted\" \\ / <>", opId: randomUUID() };
  const first = await hub.command(token, "task:create", command);
  const again = await hub.command(token, "task:create", command);
  assert.equal(first.status, 200);
  assert.equal(again.status, 200);
  assert.equal(again.text, first.text);
  assert.equal(first.body.task.title, command.title);
  assert.equal((await tasks()).length, 1);
});

test("two at the same moment are done once", async (t) => {
  const { ana, project, tasks } = await studio(t);
  const command = { projectId: project.id, title: "Twice at once", opId: randomUUID() };
  const answers = await Promise.all(Array.from({ length: 20 }, () => ana.do("task:create", command)));
  for (const answer of answers) assert.deepEqual(answer, answers[0]);
  assert.equal((await tasks()).length, 1);
  assert.equal(ana.names().filter((name) => name === "task:created").length, 1);
});

test("the same opId with other contents is a conflict", async (t) => {
  const { hub, token, ana, project, tasks } = await studio(t);
  const opId = randomUUID();
  await ana.do("task:create", { projectId: project.id, title: "First", opId });
  await ana.refused("conflict", "task:create", { projectId: project.id, title: "Second", opId });
  await ana.refused("conflict", "project:create", { name: "Other", opId });
  const rest = await hub.command(token, "task:create", { projectId: project.id, title: "Third", opId });
  assert.equal(rest.status, 409);
  assertError(rest.body, "conflict");
  assert.equal((await tasks()).length, 1);
});

test("a refused command leaves its opId free", async (t) => {
  const { ana, project } = await studio(t);
  const opId = randomUUID();
  await ana.refused("not_found", "task:create", { projectId: randomUUID(), title: "Lost", opId });
  const answer = await ana.do("task:create", { projectId: project.id, title: "Found", opId });
  assert.equal(answer.task.title, "Found");
});

test("an opId is one person's: another's is another command", async (t) => {
  const { hub, ana, project } = await studio(t);
  const ben = await hub.join("Ben");
  const benSocket = await hub.connect(ben.accessToken);
  const benScript = await hub.connect(hub.token("ben"));
  const opId = randomUUID();
  const entries = [];
  for (const person of [ana, benSocket, benScript]) {
    entries.push((await person.do("timer:start", { projectId: project.id, opId })).entry);
  }
  assert.notEqual(entries[0].userId, entries[1].userId);
  assert.equal(entries[2].userId, ben.user.id, "a script of Ben's was answered with what Ana's had done");
});

test("a create with the same id makes one thing, and is answered the same", async (t) => {
  const { ana, project, tasks } = await studio(t);
  const creates = [
    ["task:create", { id: randomUUID(), projectId: project.id, title: "Made offline" }],
    ["project:create", { id: randomUUID(), name: "Cellar" }],
    ["timer:start", { id: randomUUID(), projectId: project.id }],
  ];
  const { projects } = await ana.do("office:describe");
  for (const [name, params] of creates) {
    const first = await ana.do(name, params);
    assert.equal((first.task ?? first.project ?? first.entry).id, params.id);
    assert.deepEqual(await ana.do(name, params), first, name);
  }
  assert.equal((await tasks()).length, 1);
  assert.equal((await ana.do("office:describe")).projects.length, projects.length + 1);
  assert.equal(ana.names().filter((name) => name === "task:created").length, 1);
  assert.equal(ana.names().filter((name) => name === "timer:started").length, 1);
});

test("an id that is taken is a conflict, and tells nothing of what has it", async (t) => {
  const { hub, ana, project } = await studio(t);
  const { task } = await ana.do("task:create", { projectId: project.id, title: "Secret plan" });
  const ben = await hub.connect((await hub.join("Ben")).accessToken);
  const answer = await ben.ask("task:create", { id: task.id, projectId: project.id, title: "Mine" });
  assertError(answer, "conflict");
  assert.doesNotMatch(JSON.stringify(answer), /Secret/);
});

test("a kept answer outlives the hub", async (t) => {
  const { hub, token, ana, project } = await studio(t);
  const command = { projectId: project.id, title: "Before the crash", opId: randomUUID() };
  const first = await ana.do("task:create", command);
  await hub.stop("SIGKILL");
  await hub.start();
  const again = await hub.command(token, "task:create", command);
  assert.equal(again.text, JSON.stringify(first));
});

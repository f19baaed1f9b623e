// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Several people work at random, lose their connections and come back, the hub is killed now and then; in the end
// what each has pieced together from snapshots, replays and live events is what the hub has (sync.md, 3 and 4).

"use strict";

const assert = require("node:assert/strict");
const { Hub, randomUUID, test, within } = require("./hub.js");

/** Numbers that are the same again for the same seed (mulberry32). */
function makeRandom(seed) {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** What one person knows, kept as sync.md says a client must. */
class Replica {
  constructor(hub, token) {
    this.hub = hub;
    this.token = token;
    this.seqs = {};
    this.tasks = new Map();
    this.epoch = undefined;
  }

  apply({ name, body }) {
    if (name === "sync:reset") {
      for (const room of body.rooms) delete this.seqs[room];
    }
    if (!Number.isInteger(body.seq) || !body.eventId || !(body.room in this.seqs)) return;
    assert.equal(body.seq, this.seqs[body.room] + 1, `${name} in ${body.room}: a gap or a repeat`);
    this.seqs[body.room] = body.seq;
    if (name === "task:deleted") this.tasks.delete(body.taskId);
    else if (body.task) this.tasks.set(body.task.id, body.task);
  }

  async connect() {
    const person = await this.hub.connect(this.token, { since: this.seqs, epoch: this.epoch });
    this.person = person;
    this.epoch = person.ready.epoch;
    const missing = () => Object.keys(person.ready.rooms).filter((room) => !(room in this.seqs));

    // The replay stands before sync:ready; live events wait until the snapshots are there.
    const ready = person.names().indexOf("sync:ready");
    for (const event of person.events.slice(0, ready)) this.apply(event);
    for (const room of missing()) await this.fetch(room);
    let done = ready;
    const drain = () => {
      for (; done < person.events.length; done++) {
        const { name, body } = person.events[done];
        // Older than the snapshot, which has it already.
        if (body.eventId && body.room in this.seqs && body.seq <= this.snapshots?.[body.room]) continue;
        this.apply({ name, body });
      }
    };
    drain();
    person.waiting.push(drain);
  }

  async fetch(room) {
    const { text } = await this.hub.get(`/snapshot?room=${room}`, this.token);
    const lines = text.trim().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(lines.at(-1), { kind: "end" });
    for (const line of lines) {
      if (line.kind === "room") {
        this.seqs[line.room] = line.seq;
        this.snapshots = { ...this.snapshots, [line.room]: line.seq };
      }
      if (line.kind === "task") this.tasks.set(line.value.id, line.value);
    }
  }

  get connected() {
    return this.person?.socket.connected === true;
  }
}

/** One command of somebody's, at random; resolves when it is answered or the connection is gone. */
async function act(replica, project, random) {
  const { person } = replica;
  const known = [...replica.tasks.values()];
  const one = () => known[random(known.length)].id;
  const status = () => ["todo", "in_progress", "review", "done"][random(4)];
  const kind = known.length < 5 ? 0 : random(8);
  const commands = [
    () => ["task:create", { projectId: project.id, title: `Task ${random(1000)}`, status: status() }],
    () => ["task:update", { id: one(), title: `Renamed ${random(1000)}`, priority: 1 + random(4) }],
    () => ["task:update", { id: one(), status: status() }],
    () => ["task:move", { id: one(), status: status(), after: random(2) ? one() : null }],
    () => ["task:move", { id: one(), status: status() }],
    () => ["task:delete", { id: one() }],
    () => ["task:create", { projectId: project.id, title: "First", after: null }],
    () => ["timer:start", { taskId: one() }],
  ];
  const [name, params] = commands[kind]();
  const answer = await Promise.race([person.ask(name, { ...params, opId: randomUUID() }), person.closed]);
  // Somebody else may have deleted it first.
  if (answer.ok === false) assert.equal(answer.error.code, "not_found", JSON.stringify([name, params, answer]));
}

async function converge(t, seed) {
  t.diagnostic(`seed ${seed}`);
  const random = makeRandom(seed);
  const hub = await Hub.office(t);
  const owner = await hub.connect(hub.token("ana"));
  const { project } = await owner.do("project:create", { name: "Studio", key: "STU" });
  owner.socket.disconnect();
  const replicas = [new Replica(hub, hub.token("ana"))];
  for (const name of ["Ben", "Cleo"]) replicas.push(new Replica(hub, (await hub.join(name)).accessToken));
  for (const replica of replicas) await replica.connect();

  for (let round = 0; round < 60; round++) {
    for (const replica of replicas) {
      if (!replica.connected && random(3) > 0) await replica.connect();
      if (replica.connected && random(8) === 0) replica.person.socket.disconnect();
    }
    const busy = replicas.filter((replica) => replica.connected);
    const doing = busy.flatMap((replica) =>
      Array.from({ length: 1 + random(6) }, () => act(replica, project, random)),
    );
    if (round % 20 === 19) {
      await hub.stop("SIGKILL");
      await Promise.allSettled(doing);
      await within(Promise.all(busy.map((replica) => replica.person.closed)), "the connections' end");
      await hub.start();
    } else {
      await Promise.all(doing);
    }
  }

  const { body } = await hub.get(`/tasks?project=${project.id}`, hub.token("ana"));
  const truth = new Map(body.tasks.map((task) => [task.id, task]));
  assert.ok(truth.size > 5);
  for (const replica of replicas) {
    if (!replica.connected) await replica.connect();
    // Its last words: what the hub has sent before the answer has arrived.
    await replica.person.do("office:describe");
    assert.deepEqual(new Map([...replica.tasks].sort()), new Map([...truth].sort()));
  }
  const places = body.tasks.map((task) => `${task.status} ${task.position}`);
  assert.equal(new Set(places).size, places.length, "two tasks in one place");
}

for (let i = 0; i < 3; i++) {
  const seed = process.env.BUREAU_SEED ? Number(process.env.BUREAU_SEED) + i : (Date.now() + i) | 0;
  test(`everyone converges, run ${i + 1}`, (t) => converge(t, seed));
}

// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Eight people write without a pause while the hub is killed, or told to stop: what it has acknowledged is there
// afterwards, in order and once, and what it has not is done once when it is sent again (reliability.md, F1 and F2).
// BUREAU_KILLS says how often; 100 times if it does not. BUREAU_STOPS: the same for stopping, and 3.

"use strict";

const assert = require("node:assert/strict");
const runner = require("node:test");
const { io } = require("socket.io-client");
const { Hub, randomUUID, within } = require("./hub.js");

const kills = Number(process.env.BUREAU_KILLS ?? 100);
const stops = Number(process.env.BUREAU_STOPS ?? 3);
const writers = 8;
const outstanding = 4; // commands of one writer
const ownTasks = 30; // of one writer; from then on it deletes as many as it makes
const longest = 60; // ms until the hub is killed
const roundsPerReview = 50;
const killsPerOffice = 500; // so that a round costs the same however many there are
const listeners = 40; // who are told to come back when the hub stops
const limits = ["person-commands-per-second", "person-commands-at-once", "commands-per-second", "commands-at-once",
  "connections-per-person", "waiting-per-address"].flatMap((name) => ["--limit", `${name}=100000`]);

const below = (n) => Math.floor(Math.random() * n);

/** Not as coarse as a timer, and without holding up what arrives meanwhile. */
async function wait(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end) await new Promise((resolve) => setImmediate(resolve));
}

/** What was acknowledged, against what the hub's log says. */
class Ledger {
  constructor(hub, token, project) {
    Object.assign(this, { hub, token, project });
    this.acknowledged = new Map(); // opId → seq, since the last review
    this.seen = new Map(); // opId → seq, in the log
    this.tasks = new Map(); // as the log's last event of each says
    this.seq = 0;
    this.total = 0;
  }

  acknowledge(opId, answer) {
    this.total++;
    // Done before the last review already, and sent again.
    if (this.seen.has(opId)) assert.equal(answer.seq, this.seen.get(opId));
    else this.acknowledged.set(opId, answer.seq);
  }

  take(event) {
    assert.equal(event.seq, ++this.seq, "a gap or a repeat");
    if (!event.opId) return; // the project's own
    assert.ok(!this.seen.has(event.opId), "done twice");
    this.seen.set(event.opId, event.seq);
    if (this.acknowledged.has(event.opId)) assert.equal(this.acknowledged.get(event.opId), event.seq);
    this.acknowledged.delete(event.opId);
    if (event.event === "task:deleted") this.tasks.delete(event.taskId);
    else this.tasks.set(event.task.id, event.task);
  }

  /** Nothing that was acknowledged is missing from the log, and the files are whole. */
  async review() {
    for (let before = -1; before < this.seq;) {
      const { body } = await this.hub.get(`/events?room=project:${this.project.id}&since=${this.seq}`, this.token);
      before = this.seq;
      for (const event of body.events) this.take(event);
    }
    assert.equal(this.acknowledged.size, 0, "acknowledged, and lost");
    const doctor = this.hub.run("doctor");
    assert.equal(doctor.status, 0, doctor.stdout);
  }

  /** The tables say what the log says, and each command of @everybody has been done. */
  async close(everybody) {
    await this.review();
    const { tasks } = (await this.hub.get(`/tasks?project=${this.project.id}`, this.token)).body;
    const byId = (a, b) => (a.id < b.id ? -1 : 1);
    assert.deepEqual(tasks.sort(byId), [...this.tasks.values()].sort(byId));
    assert.equal(this.seen.size, this.total);
    for (const writer of everybody) assert.equal(writer.unanswered.size, 0);
  }
}

/** Somebody's connections, one after the other, and what has not been answered to any. */
class Writer {
  constructor(token, ledger) {
    Object.assign(this, { token, ledger });
    this.unanswered = new Map(); // opId → [name, params], in the order in which they were given
    this.tasks = [];
    this.repeated = 0;
  }

  /** Connects; what was not answered goes first, as it was. */
  open(hub) {
    const auth = { token: this.token };
    this.socket = io(hub.url, { transports: ["websocket"], auth, reconnection: false, forceNew: true });
    this.closed = new Promise((resolve) => {
      this.socket.once("disconnect", resolve).once("connect_error", resolve);
    });
    return new Promise((resolve) => {
      this.socket.once("sync:ready", () => {
        this.repeated += this.unanswered.size;
        for (const opId of this.unanswered.keys()) this.send(opId);
        if (!this.ending) while (this.unanswered.size < outstanding) this.give();
        resolve();
      });
      this.closed.then(resolve);
    });
  }

  send(opId) {
    const [name, params] = this.unanswered.get(opId);
    this.socket.emit(name, { ...params, opId }, (answer) => {
      assert.equal(answer.ok, true, `${name}: ${JSON.stringify(answer)}`);
      this.unanswered.delete(opId);
      this.ledger.acknowledge(opId, answer);
      if (!this.ending) this.give();
      else if (this.unanswered.size === 0) this.settled?.();
    });
  }

  give() {
    const opId = randomUUID();
    this.unanswered.set(opId, this.invent());
    this.send(opId);
  }

  invent() {
    const id = this.tasks[below(this.tasks.length)];
    const choice = below(10);
    if (id === undefined || choice < 2) {
      const task = { id: randomUUID(), projectId: this.ledger.project.id, title: "Written" };
      this.tasks.push(task.id);
      return ["task:create", task];
    }
    if (this.tasks.length > ownTasks) return ["task:delete", { id: this.tasks.shift() }];
    if (choice < 6) return ["task:update", { id, title: `Renamed ${below(1000)}` }];
    return ["task:move", { id, status: ["todo", "in_progress", "review", "done"][below(4)] }];
  }

  /** Gives nothing new any more; resolves when all has been answered. */
  settle() {
    this.ending = true;
    if (this.unanswered.size === 0) return Promise.resolve();
    return within(new Promise((resolve) => (this.settled = resolve)), "the last answers");
  }
}

async function makeOffice(t) {
  const hub = await Hub.office(t, ...limits);
  const token = hub.token("ana", "--minutes", "6000");
  const { body } = await hub.command(token, "project:create", { name: "Studio", key: "STU" });
  const ledger = new Ledger(hub, token, body.project);
  const everybody = [];
  for (let i = 0; i < writers; i++) {
    const { user } = await hub.join(`Writer ${i}`, "--role", "manager");
    everybody.push(new Writer(hub.token(user.handle, "--minutes", "6000"), ledger));
  }
  return { hub, ledger, everybody };
}

const all = (everybody, what) => Promise.all(everybody.map(what));

async function finish(hub, ledger, everybody) {
  const settled = all(everybody, (writer) => writer.settle());
  await all(everybody, (writer) => writer.open(hub));
  await settled;
  await ledger.close(everybody);
  for (const writer of everybody) writer.socket.disconnect();
}

/* ------------------------------------------------------------------ kill -9 */

/** While they write; or, now and then, while they are coming. */
async function killOnce(hub, everybody, isEarly) {
  const open = all(everybody, (writer) => writer.open(hub));
  if (!isEarly) await within(open, "everybody to be there");
  await wait(Math.random() * longest);
  await hub.stop("SIGKILL");
  await within(all(everybody, (writer) => writer.closed), "the ends of a killed hub's connections");
}

async function killOften(t, count) {
  const { hub, ledger, everybody } = await makeOffice(t);
  let slowest = 0;

  for (let round = 1; round <= count; round++) {
    await killOnce(hub, everybody, round % 5 === 0);
    const since = performance.now();
    await hub.start();
    slowest = Math.max(slowest, performance.now() - since);
    if (round % roundsPerReview === 0) await ledger.review();
  }
  await finish(hub, ledger, everybody);
  const repeated = everybody.reduce((sum, writer) => sum + writer.repeated, 0);
  t.diagnostic(`${count} kills: ${ledger.total} acknowledged, 0 lost, ${repeated} sent again; ` +
    `the slowest start took ${Math.round(slowest)} ms`);
  assert.ok(repeated > count, "nothing was cut off");
}

for (let begun = 0; begun < kills; begun += killsPerOffice) {
  const count = Math.min(killsPerOffice, kills - begun);
  runner.test(`${count} kills lose nothing that was acknowledged`, { timeout: 120_000 + count * 4_000 }, (t) =>
    killOften(t, count));
}

/* ------------------------------------------------------------------ SIGTERM */

runner.test(`${stops} stops lose nothing, and tell everybody`, { timeout: 120_000 + stops * 20_000 }, async (t) => {
  const { hub, ledger, everybody } = await makeOffice(t);
  let slowest = 0;

  for (let round = 0; round < stops; round++) {
    const listening = await Promise.all(Array.from({ length: listeners }, () => hub.connect(ledger.token)));
    await within(all(everybody, (writer) => writer.open(hub)), "everybody to be there");
    await wait(100 + Math.random() * longest);
    const since = performance.now();
    assert.deepEqual(await hub.stop("SIGTERM"), { code: 0, signal: null });
    slowest = Math.max(slowest, performance.now() - since);
    await Promise.all([...everybody, ...listening].map((one) => one.closed));
    for (const one of listening) assert.ok(one.names().includes("hub:closing"), "somebody was not told");
    await hub.start();
    await ledger.review();
  }
  await finish(hub, ledger, everybody);
  t.diagnostic(`${stops} stops: ${ledger.total} acknowledged, 0 lost; the slowest took ${Math.round(slowest)} ms`);
});

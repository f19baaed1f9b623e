// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Who comes, goes, rises and falls while connected (rules.md, Rooms; reliability.md, G10): from that turn on they see
// what they may see, and nothing else, whatever was on its way. BUREAU_RACES: of how many (150).

"use strict";

const assert = require("node:assert/strict");
const { Hub, randomUUID, run, test, within } = require("./hub.js");
const { WebSocket } = require("./websocket.js");

const races = Number(process.env.BUREAU_RACES ?? 150);
const separator = "\x1e";
const limits = [
  "person-commands-per-second=10000", "person-commands-at-once=200000", "commands-per-second=10000",
  "commands-at-once=200000", "members-per-hour=10000", "stored-per-day=1000000000",
].flatMap((limit) => ["--limit", limit]);

const roomsOf = (person) => Object.keys(person.ready.rooms).map((room) => room.split(":")[0]).sort();

async function makeOffice(t) {
  const hub = await Hub.office(t, ...limits);
  const ana = await hub.connect(hub.token("ana"));
  const { workspaces, projects } = await ana.do("office:describe");
  return { hub, ana, workspace: workspaces[0].id, project: projects[0].id };
}

/** What @person was told of how somebody is there. */
function presence(person, userId) {
  const told = person.events.filter(({ name, body }) => name.startsWith("presence:user_") && body.userId === userId);
  return told.map(({ name }) => name);
}

test("who rises comes into the rooms of their role, and who falls is put out of them, at once", async (t) => {
  const { hub, ana, workspace, project } = await makeOffice(t);
  const gil = await hub.join("Gil", "--role", "guest");
  const watcher = await hub.connect(gil.accessToken);
  assert.deepEqual(roomsOf(watcher), ["user", "workspace"]);

  await ana.do("project:archive", { id: (await ana.do("project:create", { name: "Old" })).project.id });
  await ana.do("member:set_role", { id: gil.user.id, role: "manager" });
  const joined = [];
  for (let i = 0; i < 4; i++) joined.push((await watcher.next("room:joined")).room);
  assert.deepEqual(joined.map((room) => room.split(":")[0]), ["time", "manage", "project", "project"]);
  assert.ok(joined.includes(`project:${project}`));
  const changed = await watcher.next("member:role_changed");
  assert.deepEqual([changed.member.role, changed.role, changed.previousRole], ["manager", "manager", "guest"]);
  await ana.do("timer:start", { note: "Secret" });
  assert.equal((await watcher.next("timer:started")).entry.note, "Secret");

  await ana.do("member:set_role", { id: gil.user.id, role: "member" });
  const left = [];
  for (let i = 0; i < 4; i++) left.push(await watcher.next("room:left"));
  assert.deepEqual([...new Set(left.map(({ reason }) => reason))], ["role"]);
  // What there is of times is another thing to a member.
  assert.deepEqual(left.map(({ room }) => room).sort(), [...joined].sort());
  assert.equal((await watcher.next("room:joined")).room, `time:${workspace}`);
  await ana.do("timer:start", { note: "Secret" });
  assert.equal((await watcher.next("timer:started")).entry.note, null);
  await ana.do("task:create", { projectId: project, title: "Not for Gil" });
  await watcher.do("presence:update", { status: "online" });
  assert.ok(!watcher.names().includes("task:created"));
});

test("who is deactivated is gone for the others and has no way in, until they are back", async (t) => {
  const { hub, ana, workspace } = await makeOffice(t);
  const ben = await hub.join("Ben");
  const first = await hub.connect(ben.accessToken);
  const second = await hub.connect(ben.accessToken);
  await ana.next("presence:user_online", ({ userId }) => userId === ben.user.id);

  await ana.do("member:deactivate", { id: ben.user.id });
  await Promise.all([first.closed, second.closed].map((closed) => within(closed, "the end")));
  const offline = await ana.next("presence:user_offline", ({ userId }) => userId === ben.user.id);
  assert.equal(offline.workspaceId, workspace);
  assert.equal((await ana.next("member:left")).reason, "deactivated");
  const { users } = (await hub.get("/presence", hub.token("ana"))).body;
  assert.ok(!users.some(({ userId }) => userId === ben.user.id));
  for (const where of ["/office", "/tasks", "/presence", "/snapshot"]) {
    assert.equal((await hub.get(where, ben.accessToken)).status, 401, where);
  }
  assert.equal((await hub.refusal({ token: ben.accessToken })).data.code, "unauthenticated");

  await ana.do("member:reactivate", { id: ben.user.id });
  const back = await hub.connect(ben.accessToken);
  assert.deepEqual(roomsOf(back), ["project", "time", "user", "workspace"]);
});

test("who is removed is signed out, their timer ends, and their name stays", async (t) => {
  const { hub, ana, project } = await makeOffice(t);
  const ben = await hub.join("Ben");
  const watcher = await hub.connect(ben.accessToken);
  const { task } = await ana.do("task:create", { projectId: project, title: "His", assigneeIds: [ben.user.id] });
  await watcher.do("presence:viewing", { taskId: task.id });
  await ana.next("presence:users_viewing", ({ users }) => users.length === 1);
  await watcher.do("timer:start", { taskId: task.id });
  await ana.do("member:remove", { id: ben.user.id });
  await within(watcher.closed, "the end");
  assert.deepEqual((await ana.next("presence:users_viewing", ({ users }) => users.length === 0)).taskId, task.id);
  assert.equal((await ana.next("timer:stopped")).entry.userId, ben.user.id);
  assert.ok(!(await ana.next("project:updated")).project.memberIds.includes(ben.user.id));
  assert.equal((await ana.next("member:left")).reason, "removed");
  assert.equal((await hub.post("/auth/refresh", { refreshToken: ben.refreshToken })).status, 401);
  assert.equal((await hub.get(`/tasks/${task.id}`, hub.token("ana"))).body.task.assigneeName, "Ben");
  assert.deepEqual(presence(ana, ben.user.id).at(-1), "presence:user_offline");
});

test("a note is for managers and for whose it is, by every way", async (t) => {
  const { hub, ana, workspace } = await makeOffice(t);
  const room = `time:${workspace}`;
  const people = {};
  for (const [name, role, sees] of [["Max", "manager", true], ["Ben", "member", true], ["Cleo", "member", false]]) {
    const body = await hub.join(name, "--role", role);
    const live = await hub.connect(body.accessToken);
    people[name] = { ...body, live, sees, since: live.ready };
  }
  await people.Ben.live.do("timer:start", { note: "Hers" });
  await ana.next("timer:started");
  for (const { live, sees, accessToken, since } of Object.values(people)) {
    const note = sees ? "Hers" : null;
    assert.equal((await live.next("timer:started")).entry.note, note);
    const later = await hub.connect(accessToken, { epoch: since.epoch, since: since.rooms });
    assert.equal((await later.next("timer:started")).entry.note, note);
    const { events } = (await hub.get(`/events?room=${room}`, accessToken)).body;
    assert.equal(events.find(({ event }) => event === "timer:started").entry.note, note);
    const snapshot = (await hub.get(`/snapshot?room=${room}`, accessToken)).text;
    assert.equal(snapshot.includes("Hers"), sees);
  }
});

// ------------------------------------------------------------------ two offices

/** Ana's office and Zoe's on one hub, and Ben, who is in Ana's. */
async function makeTwoOffices(t) {
  const hub = await Hub.office(t, ...limits);
  await hub.stop("SIGTERM");
  const added = run("add-office", "--data", hub.directory, "--office", "Zwei", "--owner", "Zoe");
  assert.equal(added.status, 0, added.stderr);
  assert.match(added.stdout, /^link bureau:.*\ncode [0-9A-Z-]{9}\nexpires .*Z\n$/);
  await hub.start();
  const joinBy = async (text, name, token) => {
    const [, code] = text.match(/#.*[.]([\w-]+)$/m);
    const answer = await hub.post("/auth/join", { code, name, device: "test" }, token);
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  };
  const zoe = await joinBy(added.stdout, "Zoe");
  const ben = await hub.join("Ben");
  return { hub, zoe, ben, joinBy, live: { ana: await hub.connect(hub.token("ana")), zoe: await hub.connect(zoe.accessToken) } };
}

const mentions = (person, id) => JSON.stringify(person.events).includes(id);

test("who is in two offices sees both, told apart, and neither sees the other", async (t) => {
  const { hub, zoe, ben, joinBy, live } = await makeTwoOffices(t);
  const [one, two] = [ben.workspace.id, zoe.workspace.id];
  const watcher = await hub.connect(ben.accessToken);
  const invite = async () => (await live.zoe.do("member:invite", {})).invitation.link;
  const again = await joinBy(await invite(), "Ben", ben.accessToken);
  assert.equal(again.user.id, ben.user.id, "the same person");

  // At once, on the connection that was there.
  assert.equal((await watcher.next("room:joined", ({ room }) => room.startsWith("workspace:"))).room, `workspace:${two}`);
  const { users } = await watcher.next("presence:snapshot", ({ workspaceId }) => workspaceId === two);
  assert.ok(users.some(({ userId }) => userId === zoe.user.id));
  assert.equal((await live.zoe.next("presence:user_online", ({ userId }) => userId === ben.user.id)).workspaceId, two);
  const office = await watcher.do("office:describe");
  assert.deepEqual(office.workspaces.map(({ id }) => id).sort(), [one, two].sort());
  const membersOf = (id) => office.members.filter(({ workspaceId }) => workspaceId === id).map(({ name }) => name).sort();
  assert.deepEqual([membersOf(one), membersOf(two)], [["Ana", "Ben"], ["Ben", "Zoe"]]);
  const snapshot = (await hub.get(`/snapshot?workspace=${two}`, ben.accessToken)).text;
  assert.ok(snapshot.includes(two) && !snapshot.includes(one));

  await watcher.do("timer:start", { workspaceId: two, projectId: office.projects.find((p) => p.workspaceId === two).id, note: "N" });
  assert.equal((await watcher.next("timer:started")).entry.note, "N");
  const before = live.ana.events.length;
  await live.zoe.do("member:remove", { id: ben.user.id });

  // Out of the one, and still in the other; what ended his timer there is no more for him.
  assert.equal((await watcher.next("room:left")).room, `workspace:${two}`);
  await live.zoe.next("timer:stopped");
  await live.zoe.next("presence:user_offline", ({ userId }) => userId === ben.user.id);
  await watcher.do("presence:update", { status: "away" });
  assert.equal((await live.ana.next("presence:user_online", ({ status }) => status === "away")).workspaceId, one);
  assert.ok(!watcher.names().includes("timer:stopped"));
  assert.deepEqual(live.ana.events.slice(before).map(({ name }) => name), ["presence:user_online"]);
  assert.ok(!mentions(live.ana, two) && !mentions(live.zoe, one));
  const since = { epoch: watcher.ready.epoch, since: { [`workspace:${two}`]: 0, [`time:${two}`]: 0 } };
  const later = await hub.connect(ben.accessToken, since);
  await later.do("presence:update", { status: "online" });
  assert.ok(!mentions(later, two));

  // And in again, as the one he was.
  assert.equal((await joinBy(await invite(), "Ben", ben.accessToken)).user.id, ben.user.id);
  await live.zoe.next("member:joined", ({ member }) => member.id === ben.user.id && member.active);
});

// ------------------------------------------------------------------ races

/** A client that reads when it is told to, and keeps all it was sent in order. */
class Watcher {
  constructor() {
    this.events = [];
    this.gone = false;
  }

  take(packet) {
    if (!packet.startsWith("42")) return;
    const [name, body] = JSON.parse(packet.slice(2));
    this.events.push({ name, body });
  }

  /** What came after the removal that a room's @seq tells of, or after they were told of it; both are nothing. */
  assertNothingAfter(room, seq, about) {
    let out = false;
    for (const { name, body } of this.events) {
      if (name === "room:left" && body.room === room) out = true;
      if (name === "room:joined" && body.room === room) out = false;
      if (body.room !== room || body.seq === undefined || name === "room:joined") continue;
      assert.ok(!out, `${about}: ${name} ${body.seq} after room:left`);
      assert.ok(body.seq < seq, `${about}: ${name} ${body.seq}, but they left before ${seq}`);
    }
  }
}

class WebSocketWatcher extends Watcher {
  static async open(hub, token) {
    const self = new WebSocketWatcher();
    self.socket = await WebSocket.enter(hub, token);
    return self;
  }

  /** Reads until the answer to a command of its own, or the end. */
  async fence() {
    this.socket.send('420["presence:update",{"status":"online"}]');
    for (;;) {
      const packet = await this.socket.message();
      if (packet === "2") this.socket.send("3");
      if (packet === undefined) this.gone = true;
      if (packet === undefined || packet.startsWith("430")) return;
      this.take(packet);
    }
  }

  leave() {
    this.socket.socket.destroy();
  }
}

class PollingWatcher extends Watcher {
  static async open(hub, token) {
    const self = new PollingWatcher();
    self.url = `${hub.url}/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(self.url)).text()).slice(1));
    self.url += `&sid=${sid}`;
    await self.post(`40${JSON.stringify({ token })}`);
    while (!self.events.some(({ name }) => name === "sync:ready")) await self.poll();
    return self;
  }

  post(body) {
    return fetch(this.url, { method: "POST", body, headers: { "Content-Type": "text/plain;charset=UTF-8" } });
  }

  async poll() {
    const answer = await fetch(this.url);
    const packets = (await answer.text()).split(separator);
    if (answer.status !== 200 || packets.includes("1")) this.gone = true;
    for (const packet of packets) {
      if (packet === "2") await this.post("3");
      this.take(packet);
    }
    return packets;
  }

  async fence() {
    const posted = this.post('420["presence:update",{"status":"online"}]');
    while (!this.gone && !(await within(this.poll(), "a poll")).some((packet) => packet.startsWith("430")));
    await posted;
  }

  async leave() {
    await this.post("1").catch(() => {});
  }
}

/** Ana and Max change the task from both sides of the removal, without waiting. */
function storm(office, remove) {
  const { ana, max, task } = office;
  const change = (who, n) => who.ask("task:update", { id: task, description: `${n}`.repeat(200) });
  const done = [change(ana, 1), change(max, 2), change(ana, 3)];
  const removed = remove();
  done.push(change(ana, 4), change(max, 5), change(ana, 6));
  return Promise.all([removed, ...done]).then(([answer]) => answer);
}

async function makeStorm(t) {
  const office = await makeOffice(t);
  const max = await office.hub.join("Max", "--role", "manager");
  office.max = await office.hub.connect(max.accessToken);
  office.task = (await office.ana.do("task:create", { projectId: office.project, title: "Storm" })).task.id;
  office.keep = [];
  return office;
}

/** Out of the project, and into it again. */
async function raceOutOfProject(office, ben, watcher, about) {
  const { ana, project, keep } = office;
  const room = `project:${project}`;
  const answer = await storm(office, () => ana.do("project:update", { id: project, memberIds: keep }));
  await watcher.fence();
  assert.ok(watcher.events.some(({ name, body }) => name === "room:left" && body.room === room), `${about}: room:left`);
  watcher.assertNothingAfter(room, answer.seq, about);
  watcher.events = [];
  await ana.do("project:update", { id: project, memberIds: [...keep, ben.user.id] });
  await watcher.fence();
  assert.ok(watcher.events.some(({ name }) => name === "room:joined"), about);
  watcher.events = [];
}

/** Out of the office. */
async function raceOutOfOffice(office, ben, watcher, about) {
  const { ana, project } = office;
  const opId = randomUUID();
  const answer = await storm(office, () => ana.do("member:remove", { id: ben.user.id, opId }));
  const updated = await ana.next("project:updated", (body) => body.opId === opId);
  await watcher.fence();
  assert.ok(watcher.gone, `${about}: still connected`);
  watcher.assertNothingAfter(`project:${project}`, updated.seq, about);
  watcher.assertNothingAfter(`workspace:${office.workspace}`, answer.seq, about);
}

for (const [what, Kind] of Object.entries({ WebSocket: WebSocketWatcher, polling: PollingWatcher })) {
  test(`nobody is sent what happens after they were removed: ${what}`, async (t) => {
    const office = await makeStorm(t);
    const ben = await office.hub.join("Ben");
    const watcher = await Kind.open(office.hub, ben.accessToken);
    const out = Math.round(races / 10);
    for (let i = 0; i < races / 2 - out; i++) await raceOutOfProject(office, ben, watcher, `${what} ${i}`);
    await watcher.leave();
    for (let i = 0; i < out; i++) {
      const someone = await office.hub.join(`Person ${i}`);
      const theirs = await Kind.open(office.hub, someone.accessToken);
      await raceOutOfOffice(office, someone, theirs, `${what}, office ${i}`);
    }
  });
}

// Nothing asks for it meanwhile, so all of it waits in the hub.
test("what waits for somebody is dropped when they are removed", async (t) => {
  const office = await makeStorm(t);
  const ben = await office.hub.join("Ben");
  const watcher = await PollingWatcher.open(office.hub, ben.accessToken);
  watcher.events = [];
  for (let i = 0; i < 20; i++) await office.ana.do("task:update", { id: office.task, title: `Waits ${i}` });
  await office.ana.do("project:update", { id: office.project, memberIds: [] });
  await watcher.fence();
  const room = `project:${office.project}`;
  assert.deepEqual(watcher.events.filter(({ body }) => body.room === room).map(({ name }) => name), ["room:left"]);
});

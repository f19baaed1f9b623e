// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The command line of bureau-hub, and signing in (doors.md, Programs and REST).

"use strict";

const assert = require("node:assert/strict");
const { once } = require("node:events");
const fs = require("node:fs");
const path = require("node:path");
const { Hub, assertError, makeDirectory, run, test, secretOf, within } = require("./hub.js");

/** Failed as doors.md says: one sentence on stderr, nothing on stdout. */
function assertFailed(result, status) {
  assert.equal(result.status, status, JSON.stringify(result));
  assert.equal(result.stdout, "");
  if (status === 1) assert.match(result.stderr, /^bureau-hub: [^\n]+\.\n$/);
  else assert.notEqual(result.stderr, "");
}

test("init makes an office once, for its owner's eyes only", (t) => {
  const directory = makeDirectory(t);
  const words = ["init", "--data", directory, "--office", "Studio", "--owner", "Ana"];
  assert.equal(run(...words).status, 0);
  const kept = fs.readFileSync(path.join(directory, "hub.db"));
  assert.equal(fs.statSync(directory).mode & 0o777, 0o700);
  assert.equal(fs.statSync(path.join(directory, "keys")).mode & 0o777, 0o700);
  for (const name of fs.readdirSync(path.join(directory, "keys"))) {
    assert.equal(fs.statSync(path.join(directory, "keys", name)).mode & 0o077, 0, name);
  }

  assertFailed(run(...words), 1);
  assertFailed(run("init", "--data", directory, "--office", "Other", "--owner", "Eve"), 1);
  assert.deepEqual(fs.readFileSync(path.join(directory, "hub.db")), kept);
});

test("what is wrong with a command line is said", (t) => {
  const directory = makeDirectory(t);
  for (const words of [
    [],
    ["init"],
    ["init", "--data", directory],
    ["init", "--data", directory, "--office", "Studio"],
    ["init", "--data", directory, "--owner", "Ana"],
    ["token", "--data", directory],
    ["explode", "--data", directory],
    ["--data"],
    ["--data", directory, "--no-such-option"],
    ["--data", directory, "--listen"],
    ["invite", "--data", directory, "--uses", "many"],
    ["invite", "more", "--data", directory],
    ["token", "--data", directory, "--user", "ana", "--minutes", "0"],
    ["--data", directory, "--allow-origin", "*"],
    ["--data", directory, "--allow-origin", "https://wall.example", "--allow-origin", "https://wall.example/board"],
    ["--data", directory, "--limit", "connections"],
    ["--data", directory, "--limit", "connections=many"],
    ["--data", directory, "--limit", "connections=0"],
    ["--data", directory, "--limit", "connections=-1"],
    ["--data", directory, "--limit", "wishes=3"],
    ["--data", directory, "--limit", "connections=5", "--limit", "payload=99999999999999999999"],
  ]) {
    assertFailed(run(...words), 2);
  }
  assert.equal(fs.existsSync(directory), false, "nothing was made on the way");

  for (const words of [
    ["--data", directory],
    ["invite", "--data", directory],
    ["token", "--data", directory, "--user", "ana"],
  ]) {
    assertFailed(run(...words), 1);
  }
  const help = run("--help");
  assert.equal(help.status, 0);
  assert.match(help.stdout, /bureau-hub init/);
  assert.match(run("--version").stdout, /^bureau-hub \d+\.\d+/);
});

test("names that no office or person can have are refused", (t) => {
  const directory = makeDirectory(t);
  const long = "x".repeat(121);
  const pairs = [["", "Ana"], ["Studio", ""], ["Studio", long], ["Studio", "A\u0007"], [long, "Ana"]];
  for (const [office, owner] of pairs) {
    assertFailed(run("init", "--data", directory, "--office", office, "--owner", owner), 1);
  }
  const made = run("init", "--data", directory, "--office", "Stüdio", "--owner", "Ána Íñiguez");
  assert.equal(made.status, 0, made.stderr);
});

test("serving says ready once, and nothing else on stdout", async (t) => {
  const hub = await Hub.office(t);
  await (await hub.connect(hub.token("ana"))).do("office:describe");
  assert.deepEqual(await hub.stop("SIGTERM"), { code: 0, signal: null });
  assert.deepEqual(hub.stdout, [`ready ${hub.ready}`]);
  await hub.start();
  assert.deepEqual(await hub.stop("SIGINT"), { code: 0, signal: null });
});

test("limits are what the command line says", async (t) => {
  const hub = await Hub.office(
    t, "--limit", "connections-per-person=1", "--limit", "commands-at-once=3", "--limit", "payload=5000",
  );
  const token = hub.token("ana");
  const ana = await hub.connect(token);
  const second = hub.prepare({ token });
  second.socket.connect();
  const [refusal] = await within(once(second.socket, "connect_error"), "the refusal");
  assert.equal(refusal.data.code, "rate_limited");

  const answers = await Promise.all(Array.from({ length: 5 }, () => ana.ask("office:describe")));
  assert.deepEqual(answers.map((answer) => answer.ok), [true, true, true, false, false]);
  for (const answer of answers.slice(3)) assertError(answer, "rate_limited");
  assert.ok(answers[3].error.retryAfterMs > 0);

  const large = await hub.post("/auth/join", { code: "x".repeat(5000) });
  assert.equal(large.status, 413);
});

test("a second hub on the directory says why it can't, at once", async (t) => {
  const hub = await Hub.office(t);
  const before = performance.now();
  const second = run("--data", hub.directory, "--listen", "127.0.0.1:0");
  assertFailed(second, 1);
  assert.ok(performance.now() - before < 3000);
  assert.equal((await hub.get("/health")).status, 200);
});

test("a port that is taken, and addresses that can't be", async (t) => {
  const hub = await Hub.office(t);
  const other = await Hub.office(t);
  await other.stop("SIGTERM");
  for (const listen of [`127.0.0.1:${hub.port}`, "198.51.100.1:0", "127.0.0.1", "127.0.0.1:x", "nowhere:0"]) {
    assertFailed(run("--data", other.directory, "--listen", listen), 1);
  }
  await other.start();
});

test("pages that the office names may come, others may not", async (t) => {
  const origins = ["https://wall.example", "http://127.0.0.1:8080"];
  const hub = await Hub.office(t, ...origins.flatMap((origin) => ["--allow-origin", origin]));
  const token = hub.token("ana");
  for (const Origin of origins) {
    const answer = await hub.request("GET", "/tasks", { token, headers: { Origin } });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("access-control-allow-origin"), Origin);
    const person = hub.prepare({ token });
    person.socket.io.opts.extraHeaders = { Origin };
    const connected = new Promise((resolve) => person.socket.once("connect", resolve));
    person.socket.connect();
    await within(connected, `a connection from ${Origin}`);
  }
  const stranger = await hub.request("GET", "/tasks", { token, headers: { Origin: "https://127.0.0.1:8080" } });
  assert.equal(stranger.status, 403);
  assert.equal(stranger.headers.get("access-control-allow-origin"), null);
});

test("a stop is graceful while people are connected and commands come in", async (t) => {
  const hub = await Hub.office(t);
  const people = await Promise.all(Array.from({ length: 5 }, () => hub.connect(hub.token("ana"))));
  const { project } = await people[0].do("project:create", { name: "Studio" });
  let acknowledged = 0;
  for (const person of people) {
    for (let i = 0; i < 100; i++) {
      person.socket.emit("task:create", { projectId: project.id, title: `Task ${i}` }, (answer) => {
        if (answer.ok) acknowledged += 1;
      });
    }
  }
  await people[0].next("task:created");
  assert.deepEqual(await hub.stop("SIGTERM"), { code: 0, signal: null });
  await Promise.all(people.map((person) => person.closed));
  await hub.start();
  const { tasks } = (await hub.get(`/tasks?project=${project.id}`, hub.token("ana"))).body;
  assert.ok(acknowledged > 0);
  assert.ok(tasks.length >= acknowledged);
});

test("invite and token work while the hub serves, and while it does not", async (t) => {
  const hub = await Hub.office(t);
  const serving = hub.invite();
  assert.ok(serving.link.startsWith(`bureau://127.0.0.1:${hub.port}/#v1.`));
  await hub.stop("SIGTERM");

  const resting = hub.invite("--uses", "2", "--hours", "2", "--role", "manager");
  const token = hub.token("ana", "--minutes", "5");
  assert.ok(Date.parse(resting.expires) - Date.now() > 7_100_000);
  await hub.start();

  assert.equal((await hub.get("/office", token)).status, 200);
  for (const [code, role] of [
    [secretOf(serving.link), "member"],
    [secretOf(resting.link), "manager"],
    [secretOf(resting.link), "manager"],
  ]) {
    const answer = await hub.post("/auth/join", { code, name: "Ben", device: "test" });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.body.user.role, role);
  }
  assertFailed(hub.run("token", "--user", "nobody"), 1);
  assertFailed(hub.run("invite", "--role", "emperor"), 1);
  assertFailed(hub.run("invite", "--project", "NOPE"), 1);
});

test("an invitation to a project", async (t) => {
  const hub = await Hub.office(t);
  const ana = await hub.connect(hub.token("ana"));
  const { project } = await ana.do("project:create", { name: "Studio", key: "STU" });
  const gus = await hub.join("Gus", "--role", "guest", "--project", "STU");
  const { projects } = (await hub.get("/office", gus.accessToken)).body;
  assert.deepEqual(projects.map((one) => one.id), [project.id]);
  const joined = await ana.next("member:joined", (e) => e.projectId === project.id && e.member.id === gus.user.id);
  assert.ok(joined.project.memberIds.includes(gus.user.id));
  assert.equal((await ana.next("member:joined", (e) => e.room.startsWith("workspace:"))).member.name, "Gus");
});

test("a link opens the door once, and what is typed never by itself", async (t) => {
  const hub = await Hub.office(t);
  const invitation = hub.invite();
  assert.equal((await hub.post("/auth/join", { code: invitation.code, name: "Eve", device: "x" })).status, 403);
  const code = secretOf(invitation.link);
  const first = await hub.post("/auth/join", { code, name: "Ben", device: "laptop" });
  assert.equal(first.status, 200);
  assert.equal(first.body.ok, true);
  assert.equal(first.body.user.name, "Ben");
  assert.equal(first.body.workspace.name, "Studio");
  assert.ok(first.body.expiresIn > 0);
  const ben = await hub.connect(first.body.accessToken);
  assert.equal((await ben.do("office:describe")).user.id, first.body.user.id);

  const second = await hub.post("/auth/join", { code, name: "Eve", device: "laptop" });
  assert.equal(second.status, 403);
  assertError(second.body, "forbidden");

  for (const body of [
    {},
    { code },
    { code, name: "Eve" },
    { code, name: "", device: "x" },
    { code: 5, name: "Eve", device: "x" },
    { code, name: "x".repeat(121), device: "x" },
    { code, name: "\u202eevE", device: "x" },
  ]) {
    const answer = await hub.post("/auth/join", body);
    assert.ok([413, 422].includes(answer.status), answer.text);
  }
  const members = (await hub.get("/office", first.body.accessToken)).body.members.map((member) => member.name);
  assert.deepEqual(members.sort(), ["Ana", "Ben"]);
});

test("two who use a link at the same moment: one is let in", async (t) => {
  const hub = await Hub.office(t);
  const code = secretOf(hub.invite().link);
  const answers = await Promise.all(["Ben", "Eve"].map((name) => hub.post("/auth/join", { code, name, device: "x" })));
  assert.deepEqual(answers.map((answer) => answer.status).sort(), [200, 403]);
});

test("guessing invitations is slowed down", async (t) => {
  const hub = await Hub.office(t);
  const statuses = [];
  for (let i = 0; i < 8; i++) {
    const answer = await hub.post("/auth/join", { code: `AAAA-000${i}`, name: "Eve", device: "x" });
    statuses.push(answer.status);
    if (answer.status === 429) {
      assertError(answer.body, "rate_limited");
      assert.ok(answer.body.error.retryAfterMs > 0);
    }
  }
  assert.deepEqual(statuses.slice(0, 5), Array(5).fill(403));
  assert.deepEqual(statuses.slice(5), Array(3).fill(429));
});

test("a refresh token is good once", async (t) => {
  const hub = await Hub.office(t);
  const ben = await hub.join("Ben");
  const first = await hub.post("/auth/refresh", { refreshToken: ben.refreshToken });
  assert.equal(first.status, 200);
  assert.equal(first.body.user.id, ben.user.id);
  assert.notEqual(first.body.refreshToken, ben.refreshToken);
  assert.equal((await hub.get("/office", first.body.accessToken)).status, 200);

  const next = await hub.post("/auth/refresh", { refreshToken: first.body.refreshToken });
  assert.equal(next.status, 200);
  for (const refreshToken of ["garbage", ben.refreshToken]) {
    const answer = await hub.post("/auth/refresh", { refreshToken });
    assert.equal(answer.status, 401, refreshToken);
    assertError(answer.body, "unauthenticated");
  }

  // A device stays signed in over a restart, and its refresh token with it.
  await hub.stop("SIGKILL");
  await hub.start();
  const other = await hub.join("Cleo");
  await hub.stop("SIGKILL");
  await hub.start();
  assert.equal((await hub.post("/auth/refresh", { refreshToken: other.refreshToken })).status, 200);
});

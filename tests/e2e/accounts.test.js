// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Passwords, invitations and those who guess at them, through both doors of a real hub.

"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const { Hub, assertError, makeDirectory, randomUUID, run, secretOf, test, within } = require("./hub.js");

const password = "Ein Bett im Kornfeld";
const another = "correct horse battery";
// What the hub allows an address by the minute is another's test.
const open = ["--limit", "sign-ins-per-minute=1000000", "--limit", "sign-ins-at-once=1000000"];

/** POSTs as somebody at another address of this machine; resolves to {status, body}. */
function postFrom(hub, localAddress, where, body, agent) {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = http.request(
      `${hub.url}/api/v1${where}`,
      {
        method: "POST",
        localAddress,
        agent,
        headers: { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) },
      },
      (answer) => {
        const chunks = [];
        answer.on("data", (chunk) => chunks.push(chunk));
        answer.on("end", () => resolve({ status: answer.statusCode, body: JSON.parse(Buffer.concat(chunks)) }));
      },
    );
    request.on("error", reject);
    request.end(text);
  });
}

function logIn(hub, handle, secret, localAddress = "127.0.0.1") {
  return postFrom(hub, localAddress, "/auth/login", { handle, password: secret, device: "test" });
}

/** Joins with a password. */
async function joinWith(hub, name, secret, ...words) {
  const code = secretOf(hub.invite(...words).link);
  const answer = await hub.post("/auth/join", { code, name, password: secret, device: "laptop" });
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

test("a password: set on joining, used on another device, changed", async (t) => {
  const hub = await Hub.office(t);
  const ben = await joinWith(hub, "Ben Okafor", password);
  assert.equal(ben.user.handle, "ben");

  const elsewhere = await logIn(hub, "Ben", password);
  assert.equal(elsewhere.status, 200, JSON.stringify(elsewhere.body));
  assert.equal(elsewhere.body.user.id, ben.user.id);
  assert.equal(elsewhere.body.workspace.name, "Studio");
  assert.notEqual(elsewhere.body.refreshToken, ben.refreshToken);
  for (const [handle, secret] of [["ben", another], ["nobody", password]]) {
    const refused = await logIn(hub, handle, secret);
    assert.equal(refused.status, 401);
    assertError(refused.body, "unauthenticated");
  }

  // Changed over the live connection: here they stay, elsewhere they are out at once.
  const here = await hub.connect(ben.accessToken);
  const there = await hub.connect(elsewhere.body.accessToken);
  await here.refused("invalid", "account:set_password", { password: another });
  await here.refused("forbidden", "account:set_password", { password: another, current: "x".repeat(20) });
  await here.refused("invalid", "account:set_password", { password: "Ben Okafor 1", current: password });
  await here.refused("invalid", "account:set_password", { password: "password123", current: password });
  await here.do("account:set_password", { password: another, current: password });
  await within(there.closed, "the other device to be signed out");
  assert.equal((await hub.post("/auth/refresh", { refreshToken: elsewhere.body.refreshToken })).status, 401);
  assert.equal((await hub.post("/auth/refresh", { refreshToken: ben.refreshToken })).status, 200);
  assert.equal((await logIn(hub, "ben", password)).status, 401);
  assert.equal((await logIn(hub, "ben", another)).status, 200);
  await here.do("office:describe");
});

test("a password by the other door, and in no log", async (t) => {
  const hub = await Hub.office(t);
  const token = hub.token("ana");
  assert.equal((await hub.command(token, "account:set_password", { password: "studio" })).status, 422);
  const opId = randomUUID();
  assert.equal((await hub.command(token, "account:set_password", { password, opId })).status, 200);
  assert.equal((await logIn(hub, "ana", password)).status, 200);
  const wrong = await hub.command(token, "account:set_password", { password: another, current: another });
  assert.equal(wrong.status, 403);
  assert.equal(wrong.body.error.field, "current");
  for (const name of fs.readdirSync(hub.directory)) {
    const file = path.join(hub.directory, name);
    if (fs.statSync(file).isFile()) assert.ok(!fs.readFileSync(file).includes(password), name);
  }
  assert.ok(!hub.errors.includes(password));
});

test("an office whose owner has a password from the start", async (t) => {
  const directory = makeDirectory(t);
  const file = `${directory}-password`;
  t.after(() => fs.rmSync(file, { force: true }));
  const init = () =>
    run("init", "--data", directory, "--office", "Studio", "--owner", "Ana", "--password-file", file);
  for (const [text, mode] of [
    [password, 0o644],
    [`${password}\nand more\n`, 0o600],
    ["", 0o600],
    ["short\n", 0o600],
    ["studio ana 2024\n", 0o600],
  ]) {
    fs.rmSync(file, { force: true });
    fs.writeFileSync(file, text, { mode });
    const refused = init();
    assert.equal(refused.status, 1, JSON.stringify(text));
    assert.match(refused.stderr, /^bureau-hub: .+\.$/m);
    assert.ok(!fs.existsSync(path.join(directory, "hub.db")));
  }
  fs.writeFileSync(file, `${password}\n`, { mode: 0o600 });
  assert.equal(init().status, 0);
  const hub = new Hub(t, directory);
  await hub.start();
  assert.equal((await logIn(hub, "ana", password)).status, 200);
});

test("200 use a link at once: one is let in", async (t) => {
  const hub = await Hub.office(t, ...open);
  const code = secretOf(hub.invite().link);
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) =>
      postFrom(hub, `127.0.1.${i + 1}`, "/auth/join", { code, name: `Eve ${i}`, device: "x" }),
    ),
  );
  assert.equal(answers.filter((answer) => answer.status === 200).length, 1);
  assert.ok(answers.every((answer) => [200, 403].includes(answer.status)));
  const { members } = (await hub.get("/office", hub.token("ana"))).body;
  assert.equal(members.length, 2);
});

test("invitations are listed and withdrawn, and managers see what becomes of them", async (t) => {
  const hub = await Hub.office(t);
  const ana = await hub.connect(hub.token("ana"));
  const ben = await hub.connect((await hub.join("Ben")).accessToken);
  const { invitation } = await ana.do("member:invite", { role: "guest", uses: 2, hours: 1 });
  const made = await ana.next("invitation:created", (e) => e.invitationId === invitation.id);
  assert.match(made.room, /^manage:/);
  const look = await hub.post("/auth/invitation", { code: secretOf(invitation.link) });
  assert.deepEqual(look.body, { ok: true, office: "Studio", role: "guest", expiresAt: invitation.expiresAt });

  const join = (name) => hub.post("/auth/join", { code: secretOf(invitation.link), name, device: "x" });
  assert.equal((await join("Gus")).status, 200);
  assert.equal((await ana.next("invitation:used", (e) => e.invitationId === invitation.id)).usesLeft, 1);
  const { invitations } = await ana.do("member:list_invites");
  const listed = invitations.find((one) => one.id === invitation.id);
  assert.equal(listed.usesLeft, 1);
  assert.ok(listed.codeExpiresAt);

  const renewed = await ana.do("member:renew_code", { id: invitation.id });
  assert.notEqual(renewed.code, invitation.code);
  await ben.refused("forbidden", "member:list_invites");
  await ben.refused("not_found", "member:revoke_invite", { id: invitation.id });
  await ana.do("member:revoke_invite", { id: invitation.id });
  await ana.next("invitation:revoked", (e) => e.invitationId === invitation.id);
  assert.equal((await join("Eve")).status, 403);
  assert.equal((await hub.post("/auth/invitation", { code: secretOf(invitation.link) })).status, 403);

  const everything = JSON.stringify([ana.events, ben.events, invitations]);
  for (const secret of [secretOf(invitation.link), invitation.code, renewed.code]) {
    assert.ok(!everything.includes(secret));
  }
  assert.ok(!ben.names().some((name) => name.startsWith("invitation:")));
});

test("who joins may take a placeholder over, with what waits for them", async (t) => {
  const hub = await Hub.office(t);
  const ana = await hub.connect(hub.token("ana"));
  const { member } = await ana.do("member:add", { name: "B.", role: "member" });
  const { projects } = await ana.do("office:describe");
  await ana.do("project:update", { id: projects[0].id, memberIds: [...projects[0].memberIds, member.id] });
  const { task } = await ana.do("task:create", { projectId: projects[0].id, title: "A", assigneeIds: [member.id] });
  const { invitation } = await ana.do("member:invite", { memberId: member.id });
  const code = secretOf(invitation.link);
  assert.equal((await hub.post("/auth/invitation", { code })).body.memberName, "B.");

  const joined = await hub.post("/auth/join", { code, name: "Ben", password, device: "x" });
  assert.equal(joined.status, 200, joined.text);
  assert.equal(joined.body.user.id, member.id);
  assert.equal(joined.body.user.placeholder, false);
  const seen = await ana.next("member:joined", (e) => e.member.id === member.id && e.member.name === "Ben");
  assert.equal(seen.member.placeholder, false);
  const mine = (await hub.get("/tasks", joined.body.accessToken)).body.tasks.find((one) => one.id === task.id);
  assert.equal(mine.assignees[0].userId, member.id);
  assert.equal((await logIn(hub, joined.body.user.handle, password)).body.user.id, member.id);
});

test("10,000 guesses: at most 20 are tried, and a hub that is killed forgets none", async (t) => {
  const hub = await Hub.office(t, ...open);
  const ben = await joinWith(hub, "Ben", password);
  const live = await hub.connect(ben.accessToken);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  t.after(() => agent.destroy());
  const tried = { one: 0, many: 0 };
  const guess = async (from, to, address, handle) => {
    for (let i = from; i < to; i++) {
      const body = { handle: handle(i), password: `guess number ${i}`, device: "x" };
      const answer = await postFrom(hub, address, "/auth/login", body, agent);
      assert.ok([401, 429].includes(answer.status));
      if (answer.status === 401) tried[address === "127.0.0.66" ? "one" : "many"]++;
    }
  };
  const crowd = (address, handle) =>
    Promise.all([0, 1, 2, 3].map((n) => guess(n * 1000, n * 1000 + 1000, address, handle)));

  await crowd("127.0.0.66", () => "ben");
  assert.equal(tried.one, 5);
  await hub.stop("SIGKILL");
  await hub.start();
  await guess(0, 1000, "127.0.0.66", () => "ben");
  assert.equal(tried.one, 5);
  await crowd("127.0.0.67", (i) => `user${i}`);
  await guess(0, 1000, "127.0.0.67", () => "ben");
  // An address gets one more in a minute.
  assert.ok(tried.many <= 20 + 2, `${tried.many}`);

  // He himself is let in, from elsewhere, and was never put out.
  assert.equal((await logIn(hub, "ben", password, "127.0.0.2")).status, 200);
  await (await hub.connect(ben.accessToken)).do("office:describe");
  live.socket.disconnect();
});

test("while passwords are being tried, nobody else waits", async (t) => {
  const fast = ["commands-per-second", "commands-at-once", "person-commands-per-second", "person-commands-at-once"];
  const hub = await Hub.office(t, ...open, ...fast.flatMap((limit) => ["--limit", `${limit}=1000000`]));
  const ana = await hub.connect(hub.token("ana"));
  const answers = Array.from({ length: 40 }, (_, i) => logIn(hub, `user${i}`, password, `127.0.2.${i + 1}`));
  let over = 0;
  for (const answer of answers) answer.then(() => over++);
  let slowest = 0;
  let asked = 0;
  while (over < answers.length) {
    const start = performance.now();
    await ana.do("office:describe");
    slowest = Math.max(slowest, performance.now() - start);
    asked++;
  }
  const statuses = (await Promise.all(answers)).map((answer) => answer.status);
  const tried = statuses.filter((status) => status === 401).length;
  assert.ok(tried >= 16 && tried < 40, `${tried} were tried`);
  assert.ok(statuses.every((status) => [401, 429].includes(status)));
  // Of what one after another would have been, a part.
  assert.ok(asked > tried, `answered ${asked} times meanwhile`);
  assert.ok(slowest < 1000, `${slowest} ms`);
});

// What a clock on the wall could tell of who there is. It needs a quiet machine.
const timing = process.env.BUREAU_TIMING ? test : () => {};
timing("a name that is there takes as long as one that is not", async (t) => {
  const hub = await Hub.office(t, ...open);
  const times = { known: [], unknown: [] };
  for (let i = 0; i < 6; i++) await joinWith(hub, `Known${i}`, password);
  for (let i = 0; i < 100; i++) {
    for (const [kind, handle] of [["known", `known${i % 6}`], ["unknown", `unknown${i}`]]) {
      const start = performance.now();
      const answer = await logIn(hub, handle, another, `127.0.3.${i + 1}`);
      times[kind].push(performance.now() - start);
      assert.equal(answer.status, 401);
    }
  }
  for (const list of Object.values(times)) list.sort((a, b) => a - b);
  const at = (percent) => [times.known, times.unknown].map((list) => list[Math.floor((list.length * percent) / 100)]);
  for (const percent of [10, 50, 90]) {
    t.diagnostic(`${percent} %: ${at(percent).map((ms) => ms.toFixed(1)).join(" and ")} ms`);
  }
  const [known, unknown] = at(50);
  assert.ok(Math.abs(known - unknown) < 5, `${known} and ${unknown} ms`);
}, 200_000);

// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Signed-in devices: renewing, what becomes of a token that comes twice, signing out, and the end of a live connection
// (reliability.md, G10 to G12).

"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const net = require("node:net");
const path = require("node:path");
const { Hub, assertError, randomUUID, signToken, readToken, test, within } = require("./hub.js");

const refresh = (hub, refreshToken) => hub.post("/auth/refresh", { refreshToken });
const generation = (refreshToken) => Buffer.from(refreshToken, "base64url").readUInt32BE(16);

/** Why a connection ended: the close code. */
const closeCode = (person) =>
  within(
    new Promise((resolve) => person.socket.once("disconnect", (reason, details) => resolve(details.context.code))),
    "the end of a connection",
  );

async function renewed(hub, refreshToken) {
  const answer = await refresh(hub, refreshToken);
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

async function isSignedOut(hub, pair) {
  assert.equal((await refresh(hub, pair.refreshToken)).status, 401);
  assert.equal((await hub.get("/office", pair.accessToken)).status, 401);
}

test("a pair is renewed by its refresh token, each of which is a new one", async (t) => {
  const hub = await Hub.office(t);
  const ben = await hub.join("Ben");
  const next = await renewed(hub, ben.refreshToken);
  assert.equal(next.user.id, ben.user.id);
  assert.equal(next.expiresIn, 600);
  assert.notEqual(next.refreshToken, ben.refreshToken);
  assert.equal((await hub.get("/office", next.accessToken)).status, 200);
  // The earlier access token is good until it expires.
  assert.equal((await hub.get("/office", ben.accessToken)).status, 200);
  await renewed(hub, next.refreshToken);
});

test("of 200 that come at once with one token, one wins, and nobody is signed out", async (t) => {
  const hub = await Hub.office(t, "--limit", "connections-per-address=1000", "--limit", "waiting-per-address=1000");
  const ben = await hub.join("Ben");
  const live = await hub.connect(ben.accessToken);
  const answers = await Promise.all(Array.from({ length: 200 }, () => refresh(hub, ben.refreshToken)));
  const winners = answers.filter((answer) => answer.status === 200);
  assert.equal(winners.length, 1);
  for (const answer of answers.filter((one) => !winners.includes(one))) {
    assert.equal(answer.status, 429);
    assertError(answer.body, "rate_limited");
    assert.ok(answer.body.error.retryAfterMs > 0 && answer.body.error.retryAfterMs <= 2000);
  }
  const next = await renewed(hub, winners[0].body.refreshToken);
  assert.equal((await hub.get("/office", next.accessToken)).status, 200);
  await live.do("office:describe");
});

test("a reply that was lost costs nobody their session", async (t) => {
  const hub = await Hub.office(t);
  const ben = await hub.join("Ben");
  const body = JSON.stringify({ refreshToken: ben.refreshToken });
  const lines = ["POST /api/v1/auth/refresh HTTP/1.1", `Host: 127.0.0.1:${hub.port}`, "Content-Type: application/json",
    `Content-Length: ${body.length}`, "", body];
  // Answered, and nobody takes the answer.
  const socket = net.connect(hub.port, "127.0.0.1");
  t.after(() => socket.destroy());
  await within(
    new Promise((resolve) => {
      socket.once("data", resolve);
      socket.write(lines.join("\r\n"));
    }),
    "the answer that is lost",
  );

  let answer;
  do {
    answer = await refresh(hub, ben.refreshToken);
    if (answer.status === 429) {
      await new Promise((resolve) => setTimeout(resolve, answer.body.error.retryAfterMs));
    }
  } while (answer.status === 429);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(generation(answer.body.refreshToken), generation(ben.refreshToken) + 2);
  await renewed(hub, answer.body.refreshToken);
});

test("an old token ends its session and nobody else's, at once and everywhere", async (t) => {
  const hub = await Hub.office(t);
  const ana = await hub.connect(hub.token("ana"));
  const ben = await hub.join("Ben");
  const cleo = await hub.join("Cleo");
  const bens = await hub.connect(ben.accessToken);
  const cleos = await hub.connect(cleo.accessToken);
  const ended = closeCode(bens);

  const second = await renewed(hub, ben.refreshToken);
  const third = await renewed(hub, second.refreshToken);
  const stolen = await refresh(hub, ben.refreshToken);
  assert.equal(stolen.status, 401);
  assertError(stolen.body, "unauthenticated");
  assert.equal(await ended, 4403);
  for (const pair of [ben, second, third]) await isSignedOut(hub, pair);
  assert.equal((await hub.refusal({ token: third.accessToken })).data.code, "unauthenticated");

  await cleos.do("office:describe");
  await renewed(hub, cleo.refreshToken);
  const { entries } = await ana.do("audit:list");
  assert.deepEqual(entries.filter((entry) => entry.act === "token.reused").map((entry) => entry.subject), [ben.user.id]);
});

test("nothing but a refresh token renews", async (t) => {
  const hub = await Hub.office(t);
  const ben = await hub.join("Ben");
  const bytes = Buffer.from(ben.refreshToken, "base64url");
  assert.equal(bytes.length, 52);
  const wrong = [ben.accessToken, hub.token("ana"), "", "a", "A".repeat(70), `${ben.refreshToken}=`,
    `${ben.refreshToken}A`, ben.refreshToken.slice(0, -1), ` ${ben.refreshToken}`, "a".repeat(10_000),
    randomUUID(), "../../dev/null", "' OR 1=1 --"];
  for (let bit = 0; bit < bytes.length * 8; bit += 7) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] ^= 1 << (bit & 7);
    wrong.push(changed.toString("base64url"));
  }
  for (const token of wrong) {
    const answer = await refresh(hub, token);
    assert.equal(answer.status, 401, token.slice(0, 80));
  }
  for (const token of [undefined, null, 1, {}, [ben.refreshToken]]) {
    assert.equal((await refresh(hub, token)).status, 422, String(token));
  }
  // And a refresh token is good for nothing else.
  assert.equal((await hub.get("/office", ben.refreshToken)).status, 401);
  assert.equal((await hub.refusal({ token: ben.refreshToken })).data.code, "unauthenticated");
  await renewed(hub, ben.refreshToken);
});

test("signing out ends the session, its connections and its tokens", async (t) => {
  const hub = await Hub.office(t);
  const ben = await hub.join("Ben");
  const live = await hub.connect(ben.accessToken);
  const ended = closeCode(live);
  const answer = await hub.post("/auth/logout", {}, ben.accessToken);
  assert.deepEqual([answer.status, answer.body], [200, { ok: true }]);
  assert.equal(await ended, 4403);
  await isSignedOut(hub, ben);
  assert.equal((await hub.post("/auth/logout", {}, ben.accessToken)).status, 401);
});

test("a person's devices are theirs to see and to sign out", async (t) => {
  const hub = await Hub.office(t);
  const ben = await hub.join("Ben");
  const cleo = await hub.join("Cleo");
  const { sid } = readToken(ben.accessToken);
  const live = await hub.connect(ben.accessToken);
  const { devices } = await live.do("device:list");
  assert.equal(devices.length, 1);
  assert.deepEqual({ ...devices[0], createdAt: "", usedAt: "" },
    { id: sid, device: "test", createdAt: "", usedAt: "", current: true });
  for (const time of [devices[0].createdAt, devices[0].usedAt]) assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);

  const foreign = await hub.command(cleo.accessToken, "device:sign_out", { id: sid });
  const unknown = await hub.command(cleo.accessToken, "device:sign_out", { id: randomUUID() });
  assert.deepEqual([foreign.status, foreign.text], [unknown.status, unknown.text]);
  assert.equal(foreign.status, 404);

  const ended = closeCode(live);
  assert.equal((await hub.command(ben.accessToken, "device:sign_out", { id: sid })).status, 200);
  assert.equal(await ended, 4403);
  await isSignedOut(hub, ben);
});

test("a live connection is told before its token expires, and closed when it has", async (t) => {
  const hub = await Hub.office(t);
  const ben = await hub.join("Ben");
  const claims = readToken(ben.accessToken);
  const exp = Math.ceil(Date.now() / 1000) + 2;
  const live = await hub.connect(signToken(hub, { ...claims, exp }));
  const ended = closeCode(live);
  const { expiresAt } = await live.next("auth:expiring");
  assert.ok(Math.abs(Date.parse(expiresAt) - exp * 1000) < 100, expiresAt);
  assert.equal(await ended, 4401);
  const late = Date.now() - exp * 1000;
  assert.ok(late >= -50 && late < 1000, `${late} ms after the end`);
});

test("a live connection is renewed in place", async (t) => {
  const hub = await Hub.office(t);
  const ben = await hub.join("Ben");
  const claims = readToken(ben.accessToken);
  const soon = () => Math.ceil(Date.now() / 1000) + 2;
  const short = () => signToken(hub, { ...claims, exp: soon() });
  const [one, other, third] = [await hub.connect(short()), await hub.connect(short()), await hub.connect(short())];
  const ended = closeCode(third);

  const pair = await one.do("auth:refresh", { refreshToken: ben.refreshToken });
  assert.equal(pair.expiresIn, 600);
  assert.equal(generation(pair.refreshToken), generation(ben.refreshToken) + 1);
  const prolonged = await other.do("auth:refresh", { token: pair.accessToken });
  assert.ok(prolonged.expiresIn > 590 && prolonged.expiresIn <= 600);
  assert.equal(prolonged.refreshToken, undefined);

  // The third one's end comes after the others' would have.
  assert.equal(await ended, 4401);
  await one.do("office:describe");
  await other.do("office:describe");
  await renewed(hub, pair.refreshToken);
});

test("a live connection is renewed by its own device's tokens only", async (t) => {
  const hub = await Hub.office(t);
  const ben = await hub.join("Ben");
  const cleo = await hub.join("Cleo");
  const live = await hub.connect(ben.accessToken);
  const claims = readToken(ben.accessToken);
  const expired = signToken(hub, { ...claims, iat: claims.iat - 1000, exp: claims.iat - 1 });

  await live.refused("forbidden", "auth:refresh", { refreshToken: cleo.refreshToken });
  await live.refused("forbidden", "auth:refresh", { token: cleo.accessToken });
  await live.refused("forbidden", "auth:refresh", { token: hub.token("ben") });
  await live.refused("unauthenticated", "auth:refresh", { token: expired });
  await live.refused("unauthenticated", "auth:refresh", { token: ben.refreshToken });
  await live.refused("unauthenticated", "auth:refresh", { refreshToken: ben.accessToken });
  await live.refused("invalid", "auth:refresh", {});
  await live.refused("invalid", "auth:refresh", { token: ben.accessToken, refreshToken: ben.refreshToken });
  assertError((await hub.command(ben.accessToken, "auth:refresh", { refreshToken: ben.refreshToken })).body, "invalid");
  await renewed(hub, cleo.refreshToken);
  await live.do("auth:refresh", { refreshToken: ben.refreshToken });
});

test("an old token on the live connection is the same alarm", async (t) => {
  const hub = await Hub.office(t);
  const ben = await hub.join("Ben");
  const live = await hub.connect(ben.accessToken);
  const second = await renewed(hub, ben.refreshToken);
  const third = await renewed(hub, second.refreshToken);
  const ended = closeCode(live);
  await live.refused("unauthenticated", "auth:refresh", { refreshToken: ben.refreshToken });
  assert.equal(await ended, 4403);
  await isSignedOut(hub, third);
});

test("a forged access token is refused at every door", async (t) => {
  const hub = await Hub.office(t, "--limit", "commands-at-once=1000", "--limit", "commands-per-second=1000");
  const good = hub.token("ana");
  const claims = readToken(good);
  const now = Math.floor(Date.now() / 1000);
  const kid = JSON.parse(Buffer.from(good.split(".")[0], "base64url")).kid;
  const header = { alg: "HS256", typ: "at+jwt", kid };
  const wrong = [];
  for (const change of [{ alg: "none" }, { alg: "NONE" }, { alg: "nOnE" }, { alg: "RS256" }, { alg: "HS512" },
    { typ: "JWT" }, { kid: "00000000" }, { kid: "../../dev/null" }, { kid: "' OR 1=1 --" }, { extra: true }]) {
    wrong.push(signToken(hub, claims, { header: { ...header, ...change } }));
    wrong.push(`${wrong.at(-1).split(".").slice(0, 2).join(".")}.`); // and signed by nobody
  }
  for (const change of [{ iss: randomUUID() }, { aud: randomUUID() }, { sub: randomUUID() }, { sid: randomUUID() },
    { exp: now - 1 }, { exp: `${now + 600}` }, { exp: now + 600.5 }, { exp: 2 ** 60 }, { exp: null }, { exp: undefined },
    { iat: now + 60 }, { iat: undefined }, { nbf: now + 60 }, { nbf: `${now}` }, { iss: undefined }, { aud: undefined },
    { sub: undefined }, { sid: undefined }]) {
    wrong.push(signToken(hub, { ...claims, ...change }));
  }
  const text = JSON.stringify(claims);
  wrong.push(signToken(hub, text.replace("{", `{"sub":"${randomUUID()}",`)), signToken(hub, `${text}{}`),
    signToken(hub, claims, { key: Buffer.alloc(32) }), signToken(hub, claims, { key: Buffer.from(kid) }),
    good.slice(0, -1), `${good}=`, `${good}.`, "a".repeat(12_000));
  const signature = Buffer.from(good.split(".")[2], "base64url");
  for (let bit = 0; bit < 256; bit++) {
    const changed = Buffer.from(signature);
    changed[bit >> 3] ^= 1 << (bit & 7);
    wrong.push([...good.split(".").slice(0, 2), changed.toString("base64url")].join("."));
  }

  const live = await hub.connect(good);
  for (const token of wrong) {
    const answer = await hub.get("/office", token);
    assert.equal(answer.status, 401, token.slice(0, 300));
    assertError(answer.body, "unauthenticated");
    if (token.length <= 2048) await live.refused("unauthenticated", "auth:refresh", { token });
  }
  for (const token of wrong.filter((_, index) => index % 16 === 0)) {
    assert.equal((await hub.refusal({ token })).data.code, "unauthenticated");
  }
  assert.equal((await hub.get("/office", signToken(hub, claims))).status, 200);
});

test("a token of a megabyte is no token, and costs the hub nothing", async (t) => {
  const hub = await Hub.office(t);
  const good = hub.token("ana");
  const answer = await hub.raw(`GET /api/v1/office HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${good}`,
    "a".repeat(1_000_000), "\r\n\r\n");
  assert.match(answer.toString(), /^HTTP\/1\.1 4\d\d /);
  assert.equal((await hub.post("/auth/refresh", { refreshToken: "a".repeat(60_000) })).status, 401);
  assert.equal((await hub.get("/office", good)).status, 200);
});

test("keys are turned over while the hub serves, and while it does not", async (t) => {
  const hub = await Hub.office(t);
  const ben = await hub.join("Ben");
  const kid = (token) => JSON.parse(Buffer.from(token.split(".")[0], "base64url")).kid;
  const office = async (token) => (await hub.get("/office", token)).status;
  const first = hub.token("ana");
  const live = await hub.connect(first);

  assert.deepEqual(hub.run("rotate-key"), { status: 0, stdout: "", stderr: "" });
  const second = hub.token("ana");
  const renewed = (await refresh(hub, ben.refreshToken)).body;
  assert.notEqual(kid(first), kid(second));
  assert.equal(kid(renewed.accessToken), kid(second));
  for (const token of [first, second, ben.accessToken, renewed.accessToken]) assert.equal(await office(token), 200);
  await live.do("office:describe");

  await hub.stop("SIGTERM");
  assert.deepEqual(hub.run("rotate-key"), { status: 0, stdout: "", stderr: "" });
  await hub.start();
  assert.equal(await office(first), 401);
  assert.equal(await office(ben.accessToken), 401);
  assert.equal(await office(second), 200);
  assert.equal(await office(hub.token("ana")), 200);
  // Whoever was away finds their session as it was.
  assert.equal((await refresh(hub, renewed.refreshToken)).status, 200);

  const { body } = await hub.command(hub.token("ana"), "audit:list", {});
  assert.equal(body.entries.filter((entry) => entry.act === "key.rotated").length, 2);
  // Only from where the keys are, and only by an owner.
  for (const token of [renewed.accessToken, hub.token("ben")]) {
    assert.equal((await hub.post("/auth/rotate-key", {}, token)).status, 403);
  }
});

test("a key that is a year old is turned over when the hub starts", async (t) => {
  const hub = await Hub.office(t);
  const before = hub.token("ana");
  await hub.stop("SIGTERM");
  const file = path.join(hub.directory, "keys", "token.key");
  const key = fs.readFileSync(file);
  const old = Date.now() / 1000 - 366 * 24 * 3600;
  fs.utimesSync(file, old, old);
  await hub.start();
  assert.equal((await hub.get("/office", before)).status, 200);
  assert.notDeepEqual(fs.readFileSync(file), key);
  assert.deepEqual(fs.readFileSync(path.join(hub.directory, "keys", "token.previous.key")), key);
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  await hub.stop("SIGTERM");
  const next = fs.readFileSync(file);
  await hub.start();
  await hub.get("/health");
  assert.deepEqual(fs.readFileSync(file), next);
});

test("a connection that is taken up again ends with its new token", async (t) => {
  const hub = await Hub.office(t);
  const ben = await hub.join("Ben");
  const claims = readToken(ben.accessToken);
  const live = await hub.connect(ben.accessToken);
  await live.do("member:update_self", { name: "Benno" });
  await live.next("member:updated"); // whose offset says from where to go on
  const { id } = live.socket;

  // As a page does whose network has gone: the same socket, and what its `auth` says by then.
  const exp = Math.ceil(Date.now() / 1000) + 2;
  live.socket.auth = { token: signToken(hub, { ...claims, exp }) };
  live.socket.io.engine.close();
  const again = within(new Promise((resolve) => live.socket.once("connect", resolve)), "the connection again");
  live.socket.connect();
  await again;
  const ended = closeCode(live);
  assert.deepEqual([live.socket.recovered, live.socket.id], [true, id]);
  await live.next("auth:expiring");
  assert.equal(await ended, 4401);
});

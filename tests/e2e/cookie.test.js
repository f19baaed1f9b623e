// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The session cookie: off, unless it is wanted; then for the origins that the office names, and only together with them
// (doors.md, Socket.IO).

"use strict";

const assert = require("node:assert/strict");
const { io } = require("socket.io-client");
const { Hub, readToken, run, signToken, test, within } = require("./hub.js");

const page = "https://wall.example";
const other = "https://other.example";
const names = ["bureau-access", "bureau-access", "bureau-refresh"];
const paths = ["/api/v1/", "/socket.io/", "/api/v1/auth/refresh"];

const wanted = (t) => Hub.office(t, "--allow-origin", page, "--session-cookie");

/** {name, value, path, age} of each cookie that an answer sets. No comma stands in one; Debian's Node has no
    getSetCookie(). */
function cookiesOf(answer) {
  return answer.headers.get("set-cookie").split(", ").map((line) => {
    const [pair, ...attributes] = line.split("; ");
    assert.deepEqual(attributes.slice(2), ["HttpOnly", "Secure", "SameSite=Strict"], line);
    const [, path] = attributes[0].match(/^Path=(.*)$/);
    const [, age] = attributes[1].match(/^Max-Age=(\d+)$/);
    return { name: pair.split("=")[0], value: pair.slice(pair.indexOf("=") + 1), path, age: Number(age) };
  });
}

const from = (hub, method, where, { origin = page, cookie, ...more } = {}) =>
  hub.request(method, where, { ...more, headers: { ...(origin && { Origin: origin }), ...(cookie && { Cookie: cookie }) } });

/** Ben's pair, turned into cookies by renewing from the page. */
async function signIn(hub) {
  const pair = await hub.join("Ben");
  const answer = await from(hub, "POST", "/auth/refresh", { body: { refreshToken: pair.refreshToken } });
  assert.equal(answer.status, 200, answer.text);
  const cookies = cookiesOf(answer);
  assert.deepEqual(cookies.map((cookie) => cookie.name), names);
  assert.deepEqual(cookies.map((cookie) => cookie.path), paths);
  assert.deepEqual(cookies.map((cookie) => cookie.age), [600, 600, 30 * 24 * 3600]);
  return { pair, answer, access: `bureau-access=${cookies[0].value}`, refresh: `bureau-refresh=${cookies[2].value}` };
}

function connect(t, hub, headers, transports = ["websocket"]) {
  const socket = io(hub.url, { transports, reconnection: false, forceNew: true, extraHeaders: headers });
  t.after(() => socket.disconnect());
  return within(
    new Promise((resolve) => {
      socket.once("connect", () => resolve(socket));
      socket.once("connect_error", resolve);
    }),
    "the answer to a CONNECT",
  );
}

test("a cookie is set for the page that may come, and counts with its Origin only", async (t) => {
  const hub = await wanted(t);
  const { access, answer } = await signIn(hub);
  assert.equal(answer.headers.get("access-control-allow-origin"), page);
  assert.equal(answer.headers.get("access-control-allow-credentials"), "true");

  assert.equal((await from(hub, "GET", "/office", { cookie: access })).status, 200);
  assert.equal((await from(hub, "GET", "/office", { cookie: `a=b; ${access}; c=d` })).status, 200);
  assert.equal((await from(hub, "GET", "/office", { cookie: access, origin: null })).status, 401);
  assert.equal((await from(hub, "GET", "/office", { cookie: access, origin: other })).status, 403);
  assert.equal((await from(hub, "GET", "/office", { cookie: `${access}; ${access}` })).status, 401);
  assert.equal((await from(hub, "GET", "/office", { cookie: access.replace("access", "Access") })).status, 401);
  assert.equal((await from(hub, "GET", "/office")).status, 401);

  for (const transports of [["websocket"], ["polling"]]) {
    const socket = await connect(t, hub, { Origin: page, Cookie: access }, transports);
    assert.equal(socket.connected, true, `${transports}: ${socket.message}`);
    assert.equal((await connect(t, hub, { Cookie: access }, transports)).data?.code, "unauthenticated", String(transports));
    assert.ok((await connect(t, hub, { Origin: other, Cookie: access }, transports)) instanceof Error);
  }
});

test("a page renews by its cookie, and reads no token", async (t) => {
  const hub = await wanted(t);
  const { refresh } = await signIn(hub);
  const answer = await from(hub, "POST", "/auth/refresh", { cookie: refresh, body: {} });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body.expiresIn, 600);
  assert.doesNotMatch(answer.text, /Token/);
  const [access] = cookiesOf(answer);
  assert.equal((await from(hub, "GET", "/office", { cookie: `bureau-access=${access.value}` })).status, 200);

  assert.equal((await from(hub, "POST", "/auth/refresh", { cookie: refresh, body: {}, origin: null })).status, 422);
  assert.equal((await from(hub, "POST", "/auth/refresh", { cookie: refresh, body: {}, origin: other })).status, 403);
  assert.equal((await from(hub, "POST", "/auth/refresh", { cookie: refresh, body: "{}", type: "text/plain" })).status, 422);
});

test("nothing that a form can send changes anything", async (t) => {
  const hub = await wanted(t);
  const { access } = await signIn(hub);
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json"]) {
    const project = { cookie: access, body: '{"name":"Forged"}', type };
    assert.equal((await from(hub, "POST", "/commands/member:update_self", project)).status, 422, type);
    assert.equal((await from(hub, "POST", "/auth/logout", { cookie: access, body: "{}", type })).status, 422, type);
  }
  assert.equal((await from(hub, "POST", "/auth/logout", { cookie: access })).status, 422);
  const office = await from(hub, "GET", "/office", { cookie: access });
  assert.equal(office.body.user.name, "Ben");
  const renamed = { cookie: access, body: { name: "Benno" } };
  assert.equal((await from(hub, "POST", "/commands/member:update_self", renamed)).status, 200);
});

test("signing out takes the cookies back", async (t) => {
  const hub = await wanted(t);
  const { access, refresh } = await signIn(hub);
  const answer = await from(hub, "POST", "/auth/logout", { cookie: access, body: {} });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(cookiesOf(answer), names.map((name, i) => ({ name, value: "", path: paths[i], age: 0 })));
  assert.equal((await from(hub, "GET", "/office", { cookie: access })).status, 401);
  assert.equal((await from(hub, "POST", "/auth/refresh", { cookie: refresh, body: {} })).status, 401);
});

test("an expired or forged cookie is refused like any token", async (t) => {
  const hub = await wanted(t);
  const { access } = await signIn(hub);
  const token = access.slice("bureau-access=".length);
  const claims = readToken(token);
  const forged = [signToken(hub, { ...claims, exp: claims.iat - 1, iat: claims.iat - 9 }), `${token}x`, "", `"${token}"`,
    signToken(hub, claims, { header: { alg: "none" } })];
  for (const value of forged) {
    assert.equal((await from(hub, "GET", "/office", { cookie: `bureau-access=${value}` })).status, 401, value);
  }
  // A header that names somebody goes first, though it names nobody.
  const both = await hub.request("GET", "/office", { headers: { Origin: page, Cookie: access, Authorization: "Bearer x" } });
  assert.equal(both.status, 401);
});

test("without the option there is no cookie, and none counts", async (t) => {
  const hub = await Hub.office(t, "--allow-origin", page);
  const pair = await hub.join("Ben");
  const answer = await from(hub, "POST", "/auth/refresh", { body: { refreshToken: pair.refreshToken } });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("set-cookie"), null);
  assert.equal(answer.headers.get("access-control-allow-credentials"), null);
  const { accessToken, refreshToken } = answer.body;
  const cookie = `bureau-access=${accessToken}; bureau-refresh=${refreshToken}`;
  assert.equal((await from(hub, "GET", "/office", { cookie })).status, 401);
  assert.equal((await from(hub, "POST", "/auth/refresh", { cookie, body: {} })).status, 422);
  assert.equal((await connect(t, hub, { Origin: page, Cookie: cookie })).data.code, "unauthenticated");

  // It needs pages that it is for.
  const { status, stderr } = run("--data", hub.directory, "--session-cookie");
  assert.equal(status, 2);
  assert.match(stderr, /--allow-origin/);
});

// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// No token, password, code or invitation ever reaches the log, the audit, the database or an error's text, wherever it
// was sent, right or wrong (reliability.md, 5).

"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { Hub, randomUUID, secretOf, signToken, test, within } = require("./hub.js");

const password = "Kastanienallee-7391-ru5ty";
const wrongPassword = "Pflaumenbaum-2846-gr33n";
const header = "GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\n";

/** The answer's text must not say it back. A pair of tokens is what it is asked for. */
function assertSilent(secret, text, about) {
  assert.ok(!text.includes(secret.value), `${about} says ${secret.name} back: ${text}`);
}

/** Every way in by HTTP, with the secret in every place that takes a text. */
async function sendByHttp(hub, secret, token) {
  const { value } = secret;
  const quoted = JSON.stringify(value);
  const inUrl = encodeURIComponent(value);
  const answers = [];
  const send = async (...args) => answers.push(await hub.request(...args));

  for (const scheme of ["Bearer", "bearer", "Basic", "Token", ""]) {
    await send("GET", "/office", { headers: { Authorization: `${scheme} ${value}`.trim() } });
  }
  await send("GET", "/office", { headers: { Cookie: `bureau=${value}; session=${value}` } });
  await send("GET", "/office", { headers: { "X-Forwarded-For": value, "User-Agent": value, Referer: value } });
  await send("GET", `/office?token=${inUrl}`);
  await send("GET", `/${inUrl}`);
  await send("GET", `/events?room=${inUrl}&since=${inUrl}`, { token });
  await send("GET", `/audit?before=${inUrl}&limit=${inUrl}&workspace=${inUrl}`, { token });
  await send("GET", `/tasks/${inUrl}`, { token });
  await send("GET", `/snapshot?room=${inUrl}`, { token });

  const fields = ["handle", "password", "device", "code", "name", "refreshToken", "nonce", "attempt", "proof", "more"];
  for (const way of ["login", "join", "invitation", "code", "code/prove", "refresh", "logout"]) {
    for (const field of fields) {
      await send("POST", `/auth/${way}`, { body: { handle: "nobody", device: "test", [field]: value } });
    }
    // A name is what one is called from then on, whatever it is.
    const all = fields.filter((field) => field !== "name").map((field) => [field, value]);
    await send("POST", `/auth/${way}`, { body: Object.fromEntries(all) });
    await send("POST", `/auth/${way}`, { body: `{"password":${quoted},"password":${quoted}}` });
    await send("POST", `/auth/${way}`, { body: `{${quoted}: ` });
    await send("POST", `/auth/${way}`, { body: `[${quoted}]` });
    await send("POST", `/auth/${way}`, { body: { [value]: { [value]: value } } });
    await send("POST", `/auth/${way}`, { body: value, type: "text/plain" });
    await send("POST", `/auth/${way}`, { body: value, type: value.replace(/[^\w-]/g, "") });
  }

  for (const name of ["task:update", "device:sign_out", "member:set_role", "member:revoke_invite", "room:join"]) {
    await send("POST", `/commands/${name}`, { token, body: { id: value, opId: value, role: value, projectId: value } });
    await send("POST", `/commands/${name}`, { token, body: { id: randomUUID(), [value]: value, role: "owner" } });
  }
  await send("POST", `/commands/${inUrl}`, { token, body: {} });
  await send("POST", "/commands/account:set_password", { token, body: { current: value, password: "short" } });
  await send("POST", "/commands/account:set_password", { token, body: { current: [value], password: { a: value } } });
  for (const answer of answers) assertSilent(secret, answer.text, "an answer");
}

/** The same by Socket.IO. */
async function sendByMessages(hub, secret, token) {
  const { value } = secret;
  for (const auth of [{ token: value }, { token: { value } }, { password: value }, { token, epoch: value, since: { [value]: 1 } }]) {
    const person = hub.prepare(auth);
    const heard = new Promise((resolve) => {
      person.socket.once("connect", () => resolve(""));
      person.socket.once("connect_error", (error) => resolve(JSON.stringify([error.message, error.data ?? null])));
    });
    person.socket.connect();
    assertSilent(secret, await within(heard, "an answer to CONNECT"), "a refusal");
    person.socket.disconnect();
  }
  const person = await hub.connect(token);
  for (const args of [[value], [value, value], ["auth:refresh", { token: value }], ["auth:refresh", { refreshToken: value }],
    ["room:join", { taskId: value }], ["join:project", value], ["account:set_password", { current: value, password: "x" }]]) {
    assertSilent(secret, JSON.stringify(await person.ask(...args)), args[0]);
  }
  person.socket.disconnect();
}

/** Bytes that are no request, no frame, no packet. */
async function sendRaw(hub, secret) {
  const { value } = secret;
  const tails = [
    `${value}\r\n\r\n`,
    `GET /${value}\x01 HTTP/1.1\r\n\r\n`,
    `${header}Authorization Bearer ${value}\r\n\r\n`,
    `${header}Authorization: Bearer ${value}\x00\r\n\r\n`,
    `${header}Content-Length: ${value}\r\n\r\n`,
    `GET /socket.io/?EIO=4&transport=${encodeURIComponent(value)}&sid=${encodeURIComponent(value)} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`,
    `GET /x HTTP/1.1\r\nHost: ${value}\r\nConnection: close\r\n\r\n`,
    `${header}Origin: https://${value}\r\nConnection: close\r\n\r\n`,
  ];
  for (const bytes of tails) assertSilent(secret, (await hub.raw(bytes)).toString("latin1"), "an HTTP answer");

  // A polling session whose packets are broken.
  const polling = `${hub.url}/socket.io/?EIO=4&transport=polling`;
  const { sid } = JSON.parse((await (await fetch(polling)).text()).slice(1));
  for (const packet of [`40{"token":${JSON.stringify(value)}`, `42["${value}`, value, `4${value}`]) {
    const answer = await fetch(`${polling}&sid=${sid}`, { method: "POST", body: packet });
    assertSilent(secret, await answer.text(), "a polling answer");
  }
}

/** Where each secret may have gone to, and where it must not be. */
function assertKeptNowhere(hub, secrets, about) {
  const places = { "the log": Buffer.from(hub.errors), "standard output": Buffer.from(hub.stdout.join("\n")) };
  for (const name of fs.readdirSync(hub.directory)) {
    const file = path.join(hub.directory, name);
    if (fs.statSync(file).isFile()) places[name] = fs.readFileSync(file);
  }
  for (const [place, bytes] of Object.entries(places)) {
    for (const { name, value } of secrets) {
      assert.ok(!bytes.includes(value), `${name} is in ${place}, ${about}`);
    }
  }
}

test("no secret is logged, stored or said back, wherever it was sent", async (t) => {
  const hub = await Hub.office(t, "--limit", "person-commands-per-second=100000", "--limit", "person-commands-at-once=100000");
  await hub.stop("SIGTERM");
  hub.env = { G_MESSAGES_DEBUG: "all" };
  await hub.start();

  const ana = hub.token("ana", "--minutes", "60");
  const invitation = hub.invite();
  const ben = await hub.join("Ben");
  const set = await hub.command(ben.accessToken, "account:set_password", { password });
  assert.equal(set.status, 200, set.text);
  const signedIn = await hub.post("/auth/login", { handle: ben.user.handle, password, device: "second" });
  assert.equal(signedIn.status, 200, signedIn.text);

  const secrets = [
    { name: "a password", value: password },
    { name: "a wrong password", value: wrongPassword },
    { name: "an access token", value: ben.accessToken },
    { name: "an expired token", value: signToken(hub, { sub: ben.user.id, sid: randomUUID(), exp: 1 }) },
    { name: "a script's token", value: ana },
    { name: "a refresh token", value: signedIn.body.refreshToken },
    { name: "another refresh token", value: ben.refreshToken },
    { name: "an invitation's secret", value: secretOf(invitation.link) },
    { name: "an invitation's code", value: invitation.code },
    // As it is proven.
    { name: "an invitation's code without its hyphen", value: invitation.code.replace("-", "") },
  ];
  const mia = await hub.join("Mia");
  for (const secret of secrets) {
    // Somebody else's, who is not signed out by what is done with it.
    await sendByHttp(hub, secret, ana);
    await sendByMessages(hub, secret, ana);
    await sendRaw(hub, secret);
  }
  assert.equal((await hub.get("/office", mia.accessToken)).status, 200);

  const audit = await hub.get("/audit?limit=500", ana);
  assert.ok(audit.body.entries.length >= 3, audit.text);
  for (const secret of secrets) assertSilent(secret, audit.text, "the audit");
  assertKeptNowhere(hub, secrets, "while it serves");
  await hub.stop("SIGTERM");
  assertKeptNowhere(hub, secrets, "after its end");
});

test("what a stranger sends makes no line of its own in the log", async (t) => {
  const hub = await Hub.office(t);
  await hub.raw("GET /\x1b[31mred\r\nbureau-hub: all is lost\r\n\r\n");
  await hub.request("GET", `/${encodeURIComponent("\n\x1b]0;owned\x07")}`);
  const person = await hub.connect(hub.token("ana"));
  await person.ask("\u001b[2J\nfoo", { id: "\u202e\n" });
  const refused = hub.run("invite", "--project", "\x1b[31m\nA\u202e");
  assert.equal(refused.status, 1);
  for (const text of [hub.errors, refused.stderr]) {
    assert.doesNotMatch(text.replaceAll("\n", ""), /[\x00-\x1f\x7f-\x9f\u202a-\u202e]/);
  }
  assert.equal(refused.stderr.trim().split("\n").length, 1, refused.stderr);
});

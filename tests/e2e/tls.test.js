// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A hub that other machines can reach: what it says to them, and what only to its own machine.

"use strict";

const assert = require("node:assert/strict");
const { X509Certificate, createHash } = require("node:crypto");
const fs = require("node:fs");
const net = require("node:net");
const os = require("node:os");
const path = require("node:path");
const tls = require("node:tls");
const { io } = require("socket.io-client");
const { Hub, Person, test, within } = require("./hub.js");

// This machine's address on a network, as another one would see it.
const lan = Object.values(os.networkInterfaces())
  .flat()
  .find(({ internal, family }) => !internal && family === "IPv4")?.address;

/** Says this and waits for the end; resolves to all that came back. */
function exchange(socket, text) {
  const answer = [];
  socket.on("data", (bytes) => answer.push(bytes));
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.on("close", () => resolve(Buffer.concat(answer).toString())));
  socket.write(text);
  return within(closed, "the hub to hang up");
}

const request = (host) => `GET /api/v1/health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

function overPlain(host, port) {
  return exchange(net.connect(port, host), request(host.includes(":") ? `[${host}]` : host));
}

/** Resolves to the answer, the certificate and the version of TLS. */
async function overTls(host, port, options = {}) {
  const socket = tls.connect({ host, port, rejectUnauthorized: false, ...options });
  const ready = new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
  await within(ready, "the handshake");
  const { raw } = socket.getPeerCertificate();
  return { version: socket.getProtocol(), raw, answer: await exchange(socket, request("localhost")) };
}

function getPin(certificate) {
  const spki = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("base64url");
}

async function shared(t, listen = "[::]:0") {
  const hub = await Hub.office(t, "--no-announce");
  await hub.stop("SIGTERM");
  await hub.start(listen);
  return hub;
}

for (const listen of ["[::]:0", "0.0.0.0:0"]) {
  test(`one port of ${listen} speaks TLS to all, and plainly over loopback`, async (t) => {
    const hub = await shared(t, listen);
    assert.match(await overPlain("127.0.0.1", hub.port), /^HTTP\/1\.1 200 /);
    assert.match((await overTls("127.0.0.1", hub.port)).answer, /^HTTP\/1\.1 200 /);
    await (await hub.connect(hub.token("ana"))).do("office:describe");
    if (lan === undefined) return t.diagnostic("this machine is on no network");
    assert.equal(new URL(hub.ready).protocol, "https:");
    const { version, answer } = await overTls(lan, hub.port);
    assert.equal(version, "TLSv1.3");
    assert.match(answer, /^HTTP\/1\.1 200 /);
    // Not a byte, whatever is said.
    assert.equal(await overPlain(lan, hub.port), "");
    assert.equal(await exchange(net.connect(hub.port, lan), "x"), "");
    assert.equal(await exchange(net.connect({ port: hub.port, host: lan, localAddress: lan }), "GET / HTTP/1.1\r\n"), "");
  });
}

test("nothing older than TLS 1.3", async (t) => {
  const hub = await shared(t);
  for (const maxVersion of ["TLSv1.2", "TLSv1.1"]) {
    await assert.rejects(overTls("127.0.0.1", hub.port, { maxVersion, minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" }));
  }
  assert.match((await overTls("127.0.0.1", hub.port)).answer, /^HTTP\/1\.1 200 /);
});

test("an invitation names the key that the hub shows, start after start", async (t) => {
  const hub = await shared(t);
  const pin = getPin((await overTls("127.0.0.1", hub.port)).raw);
  const link = new RegExp(`^bureau://\\S+:${hub.port}/#v1\\.${pin}\\.[A-Za-z0-9_-]{22}$`);
  assert.match(hub.invite().link, link);
  const keys = path.join(hub.directory, "keys");
  assert.equal(fs.statSync(path.join(keys, "hub.key")).mode & 0o777, 0o600);
  const certificate = fs.readFileSync(path.join(keys, "hub.crt"), "utf8");
  assert.equal(getPin(certificate), pin);
  await hub.stop("SIGTERM");
  await hub.start("[::]:0");
  assert.equal(getPin((await overTls("127.0.0.1", hub.port)).raw), pin);
  assert.equal(fs.readFileSync(path.join(keys, "hub.crt"), "utf8"), certificate);
});

test("a hub on loopback alone says nothing of its key", async (t) => {
  const hub = await Hub.office(t);
  assert.match(hub.invite().link, new RegExp(`^bureau://127\\.0\\.0\\.1:${hub.port}/#v1\\.\\.`));
});

test("the stock client by TLS, and the command line where there is nothing plain", async (t) => {
  if (lan === undefined) return t.skip("this machine is on no network");
  const hub = await shared(t, `${lan}:0`);
  assert.equal(new URL(hub.ready).hostname, lan);
  assert.ok(hub.invite().link.startsWith(`bureau://${lan}:${hub.port}/`));
  const socket = io(hub.ready, {
    transports: ["websocket"],
    auth: { token: hub.token("ana") },
    reconnection: false,
    rejectUnauthorized: false,
  });
  t.after(() => socket.disconnect());
  const ana = new Person(socket);
  await ana.next("sync:ready");
  await ana.do("office:describe");
});

// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What other people's pages, in a browser that reaches the hub, must not get (reliability.md 3.5, browser): over plain
// HTTP on this machine, and over TLS as on the network.

"use strict";

const assert = require("node:assert/strict");
const http = require("node:http");
const https = require("node:https");
const { Hub, assertError, test, within } = require("./hub.js");

const foreign = [
  "https://elsewhere.example",
  "http://elsewhere.example",
  "null",
  "file://",
  "http://127.0.0.1.elsewhere.example",
  "http://elsewhere.example:28732",
  "chrome-extension://abcdefghijklmnop",
  "",
  "*",
];
const allowed = "https://wall.example";
const upgrade = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
};

/** One request exactly as given; resolves to {status, headers, text}. A switch of protocols is 101. */
function ask(base, method, where, { headers = {}, body } = {}) {
  const { request } = base.protocol === "https:" ? https : http;
  const answer = new Promise((resolve, reject) => {
    const asked = request(new URL(where, base), { method, headers, rejectUnauthorized: false, agent: false });
    asked.on("error", reject);
    asked.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode, headers: response.headers, text: "" });
    });
    asked.on("response", async (response) => {
      let text = "";
      for await (const chunk of response.setEncoding("utf8")) text += chunk;
      resolve({ status: response.statusCode, headers: response.headers, text });
    });
    asked.end(body);
  });
  return within(answer, `${method} ${where}`);
}

/** Each way in, as [name, method, where, headers, body]. */
function doors(token) {
  const json = { "Content-Type": "application/json" };
  const bearer = { Authorization: `Bearer ${token}` };
  return [
    ["health", "GET", "/api/v1/health", {}],
    ["reading", "GET", "/api/v1/tasks", bearer],
    ["the audit", "GET", "/api/v1/audit", bearer],
    ["a command", "POST", "/api/v1/commands/timer:start", { ...json, ...bearer }, "{}"],
    ["joining", "POST", "/api/v1/auth/join", json, '{"code":"x"}'],
    ["renewing", "POST", "/api/v1/auth/refresh", json, '{"refreshToken":"x"}'],
    ["polling", "GET", "/socket.io/?EIO=4&transport=polling", {}],
    ["a WebSocket", "GET", "/socket.io/?EIO=4&transport=websocket", upgrade],
    ["a WebSocket with a cookie", "GET", "/socket.io/?EIO=4&transport=websocket", { ...upgrade, Cookie: `t=${token}` }],
  ];
}

const transports = {
  "over plain HTTP": ["127.0.0.1:0", (hub) => new URL(`http://127.0.0.1:${hub.port}`)],
  "over TLS": ["0.0.0.0:0", (hub) => new URL(`https://127.0.0.1:${hub.port}`)],
};

for (const [how, [listen, getBase]] of Object.entries(transports)) {
  /** A hub that is served this way, and lets in pages of one origin. */
  async function serve(t) {
    const hub = await Hub.office(t, "--allow-origin", allowed, "--no-announce");
    await hub.stop("SIGTERM");
    await hub.start(listen);
    return { hub, base: getBase(hub), token: hub.token("ana") };
  }

  test(`a page from elsewhere gets 403 at every door, ${how}`, async (t) => {
    const { base, token } = await serve(t);
    for (const [door, method, where, headers, body] of doors(token)) {
      for (const Origin of [...foreign, `${base.protocol}//127.0.0.1:${Number(base.port) + 1}`]) {
        const answer = await ask(base, method, where, { headers: { ...headers, Origin }, body });
        assert.equal(answer.status, 403, `${door} from “${Origin}”: ${answer.text}`);
        assert.equal(answer.headers["access-control-allow-origin"], undefined, door);
        assert.equal(answer.headers["access-control-allow-credentials"], undefined, door);
        const asks = { Origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization" };
        const preflight = await ask(base, "OPTIONS", where, { headers: asks });
        assert.equal(preflight.status, 403, `${door}, asked about by “${Origin}”`);
        assert.equal(preflight.headers["access-control-allow-origin"], undefined, door);
      }
    }
  });

  test(`the page that is allowed is named, never “*”, and nobody gets a cookie, ${how}`, async (t) => {
    const { base, token } = await serve(t);
    for (const [door, method, where, headers, body] of doors(token)) {
      for (const more of [{}, { Origin: allowed }]) {
        const answer = await ask(base, method, where, { headers: { ...headers, ...more }, body });
        assert.notEqual(answer.status, 403, `${door}: ${answer.text}`);
        const named = answer.headers["access-control-allow-origin"];
        assert.equal(named, answer.status === 101 ? named : more.Origin, door);
        assert.notEqual(named, "*", door);
        assert.equal(answer.headers["set-cookie"], undefined, door);
        if (answer.status !== 101) assert.equal(answer.headers["x-content-type-options"], "nosniff", door);
      }
    }
  });

  test(`DNS can't be rebound to the hub, ${how}`, async (t) => {
    const { base, token } = await serve(t);
    const hosts = ["elsewhere.example", `elsewhere.example:${base.port}`, "127.0.0.1.elsewhere.example", "localhost.elsewhere.example", "0x7f000001.example"];
    for (const [door, method, where, headers, body] of doors(token)) {
      for (const Host of hosts) {
        // Not even if the page's origin is the name that was rebound.
        const page = { ...headers, Host, Origin: `${base.protocol}//${Host}` };
        const rebound = await ask(base, method, where, { headers: page, body });
        assert.ok([403, 421].includes(rebound.status), `${door} as ${Host}: ${rebound.status}`);
        // A page's GET names no origin. Through TLS it would have had to show a certificate for that name.
        const answer = await ask(base, method, where, { headers: { ...headers, Host }, body });
        assert.equal([403, 421].includes(answer.status), base.protocol === "http:", `${door} as ${Host}: ${answer.status}`);
      }
      const own = await ask(base, method, where, { headers: { ...headers, Host: `localhost:${base.port}` }, body });
      assert.ok(![403, 421].includes(own.status), `${door} as localhost: ${own.status}`);
    }
  });

  test(`what a form can send does nothing, ${how}`, async (t) => {
    const { base, token } = await serve(t);
    const forms = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "application/jsonp"];
    const headers = { Authorization: `Bearer ${token}` };
    for (const type of forms) {
      for (const where of ["/api/v1/commands/timer:start", "/api/v1/auth/join", "/api/v1/auth/refresh"]) {
        const typed = type === "" ? headers : { ...headers, "Content-Type": type };
        const answer = await ask(base, "POST", where, { headers: typed, body: "{}" });
        assert.ok(answer.status >= 400 && answer.status < 500, `${where} as “${type}”: ${answer.status}`);
        assertError(JSON.parse(answer.text), "invalid", type);
      }
    }
    // A cookie is nobody's ticket.
    const cookie = { Cookie: `bureau=${token}; token=${token}; session=${token}` };
    assert.equal((await ask(base, "GET", "/api/v1/tasks", { headers: cookie })).status, 401);
    const office = await ask(base, "POST", "/api/v1/commands/timer:stop", {
      headers: { ...headers, "Content-Type": "application/json" },
      body: "{}",
    });
    assert.notEqual(JSON.parse(office.text).ok, true, "a form started a timer");
  });
}

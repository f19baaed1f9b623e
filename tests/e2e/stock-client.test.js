// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The stock Socket.IO client, as anybody installs it, in each of its modes: against the wire library alone, and against
// bureau-hub where it takes somebody who signs in.

"use strict";

const assert = require("node:assert/strict");
const { randomBytes } = require("node:crypto");
const { io } = require("socket.io-client");
const { Hub, test, within } = require("./hub.js");
const { Server, fairly, onServer, pingInterval, pingTimeout, reach } = require("./wire.js");

const modes = {
  "websocket": ["websocket"],
  "polling": ["polling"],
  "polling, then websocket": ["polling", "websocket"],
};

/** A client that is not connected yet; its heartbeat ends with the server's. */
function make(server, transports, { nsp = "/", ...more } = {}) {
  const socket = io(`http://127.0.0.1:${server.port}${nsp}`, {
    transports,
    forceNew: true,
    autoConnect: false,
    reconnectionDelay: 50,
    reconnectionDelayMax: 200,
    ...more,
  });
  server.t.after(() => socket.io._close());
  return socket;
}

function once(emitter, name) {
  return within(new Promise((resolve) => emitter.once(name, (...args) => resolve(args))), name);
}

async function upgraded({ io: { engine } }) {
  if (engine.transport.name === "polling") await once(engine, "upgrade");
}

/** Connected, and, if it can be, upgraded. */
async function connect(server, transports, more) {
  const socket = make(server, transports, more);
  const connected = once(socket, "connect");
  socket.connect();
  await connected;
  if (transports.length > 1) await upgraded(socket);
  assert.equal(socket.io.engine.transport.name, transports.at(-1));
  return socket;
}

async function echo(socket, ...args) {
  const back = once(socket, "message-back");
  socket.emit("message", ...args);
  return back;
}

function ask(socket, ...args) {
  return within(socket.emitWithAck("message-with-ack", ...args), "an acknowledgement");
}

function inEachMode(check, name, body) {
  for (const [mode, transports] of Object.entries(modes)) {
    check(`${name}: ${mode}`, (server) => body(server, transports));
  }
}

onServer("the stock client", (check) => {
  inEachMode(check, "connects and echoes", async (server, transports) => {
    const socket = make(server, transports, { auth: { token: "abc" } });
    const auth = once(socket, "auth");
    socket.connect();
    assert.deepEqual(await auth, [{ token: "abc" }]);
    const args = [1, "2", { 3: [true, null, 0.5], ü: "\u{1f600}\x1e" }, []];
    assert.deepEqual(await echo(socket, ...args), args);
    assert.deepEqual(await echo(socket), []);
    const large = "ü".repeat(300_000);
    assert.deepEqual(await echo(socket, large), [large]);
  });

  inEachMode(check, "gets a hundred acknowledgements in order", async (server, transports) => {
    const socket = await connect(server, transports);
    const order = [];
    await within(
      Promise.all(
        Array.from({ length: 100 }, async (_, i) => {
          assert.equal(await socket.emitWithAck("message-with-ack", i), i);
          order.push(i);
        }),
      ),
      "all acknowledgements",
    );
    assert.deepEqual(order, Array.from({ length: 100 }, (_, i) => i));
  });

  inEachMode(check, "sends and gets binary", async (server, transports) => {
    const socket = await connect(server, transports);
    const blobs = [Buffer.alloc(0), Buffer.from([1, 2, 3]), randomBytes(100_000)];
    assert.deepEqual(await echo(socket, ...blobs), blobs);
    assert.deepEqual(await echo(socket, { a: blobs[1], b: [{ c: blobs[2] }] }, "x"), [{ a: blobs[1], b: [{ c: blobs[2] }] }, "x"]);
    assert.deepEqual(await ask(socket, blobs[2]), blobs[2]);
    const ten = Array.from({ length: 10 }, (_, i) => randomBytes(i));
    assert.deepEqual(await echo(socket, ...ten), ten);
  });

  inEachMode(check, "may force base64", async (server, transports) => {
    const socket = await connect(server, transports, { forceBase64: true });
    assert.deepEqual(await ask(socket, Buffer.from([1, 2, 3])), Buffer.from([1, 2, 3]));
  });

  inEachMode(check, "shares one connection between namespaces", async (server, transports) => {
    const main = await connect(server, transports, { reconnection: false });
    const custom = main.io.socket("/custom").connect();
    assert.deepEqual(await once(custom, "auth"), [{}]);
    assert.notEqual(main.id, custom.id);
    assert.deepEqual(await Promise.all([ask(main, "main"), ask(custom, "custom")]), ["main", "custom"]);
    const random = main.io.socket("/random").connect();
    const [error] = await once(random, "connect_error");
    assert.equal(error.message, "Invalid namespace");
    assert.equal(random.active, false);

    main.disconnect();
    assert.equal(await ask(custom, "still here"), "still here");
    const again = once(main, "connect");
    main.connect();
    await again;
    assert.equal(await ask(main, "back"), "back");
    main.disconnect();
    const closed = once(main.io, "close");
    custom.disconnect();
    await closed;
  });

  inEachMode(check, "stays for as long as it answers", async (server, transports) => {
    const socket = await connect(server, transports);
    const pings = [];
    socket.io.on("ping", () => pings.push(performance.now()));
    await reach(performance.now(), 4 * (pingInterval + pingTimeout));
    assert.ok(pings.length >= 3, `${pings.length} pings`);
    assert.equal(await ask(socket, "here"), "here");
  });

  inEachMode(check, "may wait for an answer that never comes", async (server, transports) => {
    const socket = await connect(server, transports);
    await assert.rejects(socket.timeout(50).emitWithAck("unknown"), /timed out/);
    assert.equal(await ask(socket, "here"), "here");
  });

  inEachMode(check, "is asked anew for what it signs in with", async (server, transports) => {
    let count = 0;
    const socket = make(server, transports, { auth: (give) => give({ count: ++count }) });
    for (let i = 1; i <= 3; i++) {
      const auth = once(socket, "auth");
      socket.connect();
      assert.deepEqual(await auth, [{ count: i }]);
      socket.disconnect();
    }
  });

  inEachMode(check, "comes back when its connection was cut", async (server, transports) => {
    const socket = await connect(server, transports);
    const { id } = socket;
    const gone = once(socket, "disconnect");
    const back = once(socket, "connect");
    const { transport } = socket.io.engine;
    if (transport.ws) transport.ws.terminate();
    else transport.onError("cut");
    assert.match((await gone)[0], /^transport (close|error)$/);
    const answer = ask(socket, "said while away");
    await back;
    assert.equal(await answer, "said while away");
    assert.notEqual(socket.id, id);
  });

  check("loses nothing and mixes nothing up while it upgrades", async (server) => {
    const socket = make(server, ["polling", "websocket"]);
    const answers = [];
    const connected = once(socket, "connect");
    socket.connect();
    await connected;
    const upgrade = upgraded(socket);
    for (let i = 0; i < 300; i++) {
      socket.emit("message-with-ack", i, i % 10 === 0 ? Buffer.from([i]) : "x", (back) => answers.push(back));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(await ask(socket, "last"), "last");
    await upgrade;
    assert.deepEqual(answers, Array.from({ length: 300 }, (_, i) => i));
  });

  check("is told why a session is unknown", async (server) => {
    const socket = await connect(server, ["polling"], { reconnection: false });
    const error = new Promise((resolve) => {
      socket.io.engine.once("error", ({ description, context }) => resolve([description, context.responseText]));
    });
    socket.io.engine.transport.query.sid = "unknown";
    assert.deepEqual(await within(error, "an error"), [400, '{"code":1,"message":"Session ID unknown"}']);
  });
});

for (const [mode, transports] of Object.entries(modes)) {
  test(`a server that was killed, and its successor on the same port: ${mode}`, (t) =>
    fairly(async () => {
      const first = await Server.start();
      const socket = await connect(first, transports);
      const gone = once(socket, "disconnect");
      await first.stop("SIGKILL");
      assert.match((await gone)[0], /^transport (close|error)$/);
      const answer = socket.emitWithAck("message-with-ack", "said while nobody was there");
      await once(socket.io, "reconnect_error");
      const back = once(socket, "connect");
      const second = await Server.start({ port: first.port });
      try {
        await back;
        assert.equal(await within(answer, "the answer to what waited"), "said while nobody was there");
      } finally {
        socket.disconnect();
        await second.end();
      }
    }));

  test(`a server that stops hangs up: ${mode}`, () =>
    fairly(async () => {
      const server = await Server.start();
      const socket = await connect(server, transports, { reconnection: false });
      const gone = once(socket, "disconnect");
      assert.deepEqual(await server.stop("SIGTERM"), { code: 0, signal: null });
      assert.match((await gone)[0], /^transport (close|error)$/);
    }));

  test(`bureau-hub takes a good token, and refuses a bad one: ${mode}`, async (t) => {
    const hub = await Hub.office(t);
    const socket = await connect(hub, transports, { auth: { token: hub.token("ana") } });
    const answers = await within(
      Promise.all(Array.from({ length: 60 }, () => socket.emitWithAck("office:describe", {}))),
      "answers",
    );
    assert.ok(answers.every((answer) => answer.ok));

    const stranger = make(hub, transports, { auth: { token: "garbage" } });
    const refused = once(stranger, "connect_error");
    stranger.connect();
    const [error] = await refused;
    assert.equal(error.data?.code, "unauthenticated");
    assert.equal(stranger.active, false, "it does not try again by itself");
  });

  test(`bureau-hub stops and is there again: ${mode}`, async (t) => {
    const hub = await Hub.office(t);
    const socket = await connect(hub, transports, { auth: { token: hub.token("ana") } });
    const gone = once(socket, "disconnect");
    assert.deepEqual(await hub.stop("SIGTERM"), { code: 0, signal: null });
    assert.match((await gone)[0], /^transport (close|error)$/);
    const back = once(socket, "connect");
    await hub.start(`127.0.0.1:${hub.port}`);
    await back;
    assert.equal((await within(socket.emitWithAck("office:describe", {}), "an answer")).ok, true);
  });
}

// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Engine.IO v4 from outside: wire.md F1, 1 to 12, and the tables of A.

"use strict";

const assert = require("node:assert/strict");
const { Hub, test, within } = require("./hub.js");
const {
  Peer,
  Polling,
  Refusal,
  Server,
  WebSocket,
  checkHandshake,
  frame,
  hear,
  maxPayload,
  onServer,
  openWebSocket,
  pick,
  pingInterval,
  pingTimeout,
  reach,
  refused,
  separator,
  unknownSession,
} = require("./wire.js");

const engine = "/engine.io/";
const errors = {
  0: "Transport unknown",
  1: "Session ID unknown",
  2: "Bad handshake method",
  3: "Bad request",
  5: "Unsupported protocol version",
};

/** F1, 1 to 4 and 10 to 12: what holds below both paths. */
function common(check, path) {
  const polling = `${path}?EIO=4&transport=polling`;
  const webSocket = `${path}?EIO=4&transport=websocket`;

  check(`${path} opens a session by polling`, async (server) => {
    const answer = await server.ask("GET", polling);
    assert.equal(answer.status, 200);
    checkHandshake(answer.text, ["websocket"]);
  });

  check(`${path} opens a session by WebSocket`, async (server) => {
    const socket = await WebSocket.upgrade(server, webSocket);
    checkHandshake(await hear(socket), []);
  });

  check(`${path} gives each session an id of its own`, async (server) => {
    const sessions = await Promise.all(Array.from({ length: 50 }, () => Polling.open(server, path)));
    assert.equal(new Set(sessions.map((session) => session.sid)).size, 50);
  });

  check(`${path} refuses a bad handshake`, async (server) => {
    const cases = [
      ["GET", "transport=polling", 5],
      ["GET", "EIO=abc&transport=polling", 5],
      ["GET", "EIO=3&transport=polling", 5],
      ["GET", "EIO=&transport=polling", 5],
      ["GET", "EIO=44&transport=polling", 5],
      ["GET", "EIO=4&EIO=3&transport=polling", 5],
      ["GET", "EIO=4", 0],
      ["GET", "EIO=4&transport=abc", 0],
      ["GET", "EIO=4&transport=", 0],
      ["GET", "EIO=4&transport=webtransport", 0],
      ["GET", "", 0],
      ["POST", "EIO=4&transport=polling", 2],
      ["PUT", "EIO=4&transport=polling", 2],
      ["DELETE", "EIO=4&transport=polling", 2],
      ["POST", "EIO=3&transport=polling", 2],
      ["POST", "EIO=4&transport=abc", 0],
      ["GET", "EIO=4&transport=websocket", 3],
      ["GET", "EIO=4&transport=polling&sid=abc", 1],
      ["POST", "EIO=4&transport=polling&sid=abc", 1],
      ["POST", `EIO=4&transport=polling&sid=${"A".repeat(20)}`, 1],
      ["GET", `EIO=4&transport=polling&sid=${"x".repeat(5000)}`, 1],
    ];
    for (const [method, query, code] of cases) {
      const answer = await server.ask(method, `${path}?${query}`, { body: method === "GET" ? undefined : "x" });
      const about = `${method} ${query}`;
      assert.equal(answer.status, 400, about);
      assert.equal(answer.headers["content-type"], "application/json", about);
      assert.deepEqual(JSON.parse(answer.text), { code, message: errors[code] }, about);
    }
  });

  check(`${path} refuses a bad handshake by WebSocket before 101`, async (server) => {
    const cases = [
      ["transport=websocket", 5],
      ["EIO=abc&transport=websocket", 5],
      ["EIO=3&transport=websocket", 5],
      ["EIO=4", 0],
      ["EIO=4&transport=abc", 0],
      ["EIO=4&transport=websocket&sid=abc", 1],
    ];
    for (const [query, code] of cases) {
      const refusal = await refused(server, `${path}?${query}`);
      assert.ok(refusal instanceof Refusal, query);
      assert.equal(refusal.status, 400, query);
      assert.match(refusal.headers, /^connection: close\r?$/im, query);
      assert.ok(refusal.body.includes(errors[code]), `${query}: ${refusal.body}`);
    }
  });

  check(`${path} keeps the heartbeat by polling`, async (server) => {
    const session = await Polling.open(server, path);
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(pick(await session.get()), { status: 200, text: "2" });
      assert.deepEqual(pick(await session.post("3")), { status: 200, text: "ok" });
    }
  });

  check(`${path} keeps the heartbeat by WebSocket`, async (server) => {
    const socket = await openWebSocket(server, path);
    for (let i = 0; i < 3; i++) {
      assert.equal(await socket.message(), "2");
      socket.send("3");
    }
    assert.equal(socket.gone, false);
  });

  check(`${path} pings no sooner than it says`, async (server) => {
    const asked = performance.now();
    const socket = await openWebSocket(server, path);
    assert.equal(await socket.message(), "2");
    const first = performance.now();
    assert.ok(first - asked >= pingInterval, `after ${first - asked} ms`);
    assert.ok(first - socket.opened < pingInterval + pingTimeout, `after ${first - socket.opened} ms`);
  });

  check(`${path} ends a silent session by polling`, async (server) => {
    const session = await Polling.open(server, path);
    await reach(session.opened, pingInterval + pingTimeout);
    await session.isGone();
  });

  check(`${path} ends a silent session by polling that has read its ping`, async (server) => {
    const session = await Polling.open(server, path);
    assert.equal((await session.get()).text, "2");
    const held = await session.hold();
    const { status, text } = await within(held.answer, "the end of a held GET");
    assert.deepEqual([status, text], [200, "1"]);
    assert.ok(performance.now() - session.opened < 2 * (pingInterval + pingTimeout));
    await session.isGone();
  });

  check(`${path} ends a silent session by WebSocket`, async (server) => {
    const asked = performance.now();
    const socket = await openWebSocket(server, path);
    assert.equal(await socket.message(), "2");
    assert.equal(await socket.message(), undefined);
    const lasted = performance.now() - asked;
    assert.ok(lasted >= pingInterval + pingTimeout, `after ${lasted} ms`);
    assert.ok(lasted < 2 * (pingInterval + pingTimeout), `after ${lasted} ms`);
  });

  check(`${path} closes a session by polling`, async (server) => {
    const session = await Polling.open(server, path);
    const get = session.begin("GET");
    const post = session.begin("POST", "1");
    assert.deepEqual(pick(await get.answer), { status: 200, text: "6" });
    assert.deepEqual(pick(await post.answer), { status: 200, text: "ok" });
    await session.isGone();
  });

  check(`${path} closes a session by WebSocket at once`, async (server) => {
    const socket = await openWebSocket(server, path);
    socket.send("1");
    assert.equal(await socket.message(), undefined); // and no ping before
  });

  check(`${path} upgrades a session from polling to WebSocket`, async (server) => {
    const session = await Polling.open(server, path);
    const socket = await session.upgrade();
    socket.send("2probe");
    assert.equal(await hear(socket), "3probe");
    if (path === engine) assert.deepEqual(pick(await session.get()), { status: 200, text: "6" });
    socket.send("5");
    if (path === engine) {
      socket.send("4hello");
      assert.equal(await hear(socket), "4hello");
    } else {
      socket.send("40");
      assert.match(await hear(socket), /^40\{/);
    }
  });

  check(`${path} ignores polling after an upgrade`, async (server) => {
    const session = await Polling.open(server, path);
    const socket = await session.takeOver();
    socket.send("40"); // the answer says that the `5` was read, too
    assert.equal((await hear(socket))[1], "0");
    for (const answer of [await session.get(), await session.post("4hello")]) {
      assert.equal(answer.status, 400);
      assert.deepEqual(JSON.parse(answer.text), { code: 3, message: errors[3] });
    }
    socket.send(path === engine ? "4hello" : '42["message","hello"]');
    for (;;) {
      const message = await hear(socket);
      assert.notEqual(message, undefined);
      if (message.includes("hello")) break;
    }
  });

  check(`${path} ignores a second WebSocket after an upgrade`, async (server) => {
    const session = await Polling.open(server, path);
    const socket = await session.takeOver();
    socket.send("40");
    assert.equal((await hear(socket))[1], "0");
    await refused(server, session.webSocketTarget);
    socket.send(path === engine ? "4hello" : '42["message","hello"]');
    for (;;) {
      const message = await hear(socket);
      assert.notEqual(message, undefined);
      if (message.includes("hello")) break;
    }
  });
}

/** F1, 5 to 9: messages of plain Engine.IO. */
function plain(check) {
  check("a message by polling comes back", async (server) => {
    const session = await Polling.open(server, engine);
    await session.send("4hello");
    assert.deepEqual(pick(await session.get()), { status: 200, text: "4hello" });
  });

  check("several packets of one POST come back in one payload", async (server) => {
    const session = await Polling.open(server, engine);
    const text = ["4test1", "4test2", "4test3"].join(separator);
    await session.send(text);
    assert.equal((await session.get()).text, text);
  });

  check("text and binary by polling come back as they were, in order", async (server) => {
    const session = await Polling.open(server, engine);
    for (const text of [`4hello${separator}bAQIDBA==`, `bAQIDBA==${separator}4hello`, "b", `b/+8=${separator}4\u{1f600}`]) {
      await session.send(text);
      assert.equal((await session.get()).text, text);
    }
  });

  check("a bad packet by polling ends the session", async (server) => {
    for (const body of ["abc", "", separator, `4ok${separator}${separator}4ok`, "bA", "b====", "b%%%%", "7", "\ufeff4"]) {
      const session = await Polling.open(server, engine);
      await session.post(body).catch(() => {}); // any answer will do
      await session.isClosed();
    }
  });

  check("a second GET ends the session", async (server) => {
    const session = await Polling.open(server, engine);
    const first = await session.hold();
    const second = await session.get();
    assert.deepEqual(pick(second), { status: 400, text: "" });
    assert.deepEqual(pick(await within(first.answer, "the first")), { status: 200, text: "1" });
    await session.isGone();
  });

  check("a GET that is left ends the session", async (server) => {
    const session = await Polling.open(server, engine);
    const held = await session.hold();
    held.request.destroy();
    const answer = await session.get();
    assert.equal(answer.status, 400);
    await session.isGone();
  });

  check("messages by WebSocket come back, text and binary", async (server) => {
    const socket = await openWebSocket(server, engine);
    socket.send("4hello");
    assert.equal(await hear(socket), "4hello");
    socket.send(Buffer.from([1, 2, 3, 4]), { opcode: 2 });
    assert.deepEqual(await hear(socket), Buffer.from([1, 2, 3, 4]));
    socket.send(Buffer.alloc(0), { opcode: 2 });
    assert.deepEqual(await hear(socket), Buffer.alloc(0));
    socket.send("4");
    assert.equal(await hear(socket), "4");
  });

  check("a bad packet by WebSocket ends the session", async (server) => {
    for (const packet of ["abc", "", "7", "9", "bA", "-1"]) {
      const socket = await openWebSocket(server, engine);
      socket.send(packet);
      assert.equal(await hear(socket), undefined, packet);
    }
  });
}

function contract(check) {
  common(check, engine);
  common(check, "/socket.io/");
  plain(check);
}

onServer("the contract", contract);
onServer("the contract under load", contract, 200);

onServer("requests", (check) => {
  check("the path needs its slash", async (server) => {
    assert.equal((await server.ask("GET", "/socket.io?EIO=4&transport=polling")).status, 404);
    assert.equal((await server.ask("GET", "/socket.iox/?EIO=4&transport=polling")).status, 404);
    assert.equal((await server.ask("GET", "/?EIO=4&transport=polling")).status, 404);
    checkHandshake((await server.ask("GET", "/socket.io/x?EIO=4&transport=polling")).text, ["websocket"]);
  });

  check("parameters that mean nothing are ignored", async (server) => {
    const target = `${engine}?t=PKs4&EIO=4&x=%20%2f&transport=polling&x=&y`;
    checkHandshake((await server.ask("GET", target)).text, ["websocket"]);
  });

  check("JSONP is no transport: the answer is a plain one", async (server) => {
    const answer = await server.ask("GET", `${engine}?EIO=4&transport=polling&j=0`);
    assert.ok(answer.status === 400 || answer.text.startsWith("0{"), answer.text);
  });

  check("answers have the headers of the protocol", async (server) => {
    const session = await Polling.open(server, engine);
    const text = "4".padEnd(5000, "ü");
    const post = await session.post(text, { "Content-Type": "text/plain;charset=UTF-8" });
    assert.deepEqual([post.status, post.text], [200, "ok"]);
    assert.equal(post.headers["content-type"], "text/html");
    assert.equal(post.headers["content-length"], "2");
    assert.equal(post.headers["cache-control"], "no-store");
    const get = await session.get();
    assert.equal(get.text, text);
    assert.equal(get.headers["content-type"], "text/plain; charset=UTF-8");
    assert.equal(get.headers["content-length"], String(Buffer.byteLength(text)));
    assert.equal(get.headers["cache-control"], "no-store");
    assert.equal(get.headers["set-cookie"], undefined);
  });

  check("a compressed answer, if the server makes one, says so", async (server) => {
    const session = await Polling.open(server, engine);
    const text = "4".padEnd(5000, "x");
    await session.send(text);
    const answer = await fetch(`${server.url}${session.target}`, { headers: { "Accept-Encoding": "gzip" } });
    assert.equal(await answer.text(), text);
  });

  check("many requests go over one connection", async (server) => {
    const session = await Polling.open(server, engine);
    const { socket } = server.connect();
    const packets = [];
    let text = "";
    const all = new Promise((resolve) => {
      socket.on("data", (bytes) => {
        text += bytes;
        if (text.endsWith("4done")) resolve();
      });
    });
    const request = (method, body = "") =>
      `${method} ${session.target} HTTP/1.1\r\nHost: x\r\n${body && `Content-Length: ${body.length}\r\n`}\r\n${body}`;
    for (let i = 0; i < 20; i++) packets.push(request("POST", `4${i}`), request("GET"));
    socket.write(packets.join("") + request("POST", "4done") + request("GET"));
    await within(all, "the answers of pipelined requests");
    const bodies = text.split(/HTTP\/1\.1 200 OK\r\n/).slice(1).map((answer) => answer.split("\r\n\r\n")[1]);
    const expected = Array.from({ length: 20 }, (_, i) => ["ok", `4${i}`]).flat();
    assert.deepEqual(bodies, [...expected, "ok", "4done"]);
  });

  check("HTTP/1.0 and Connection: close are closed after the answer", async (server) => {
    for (const head of ["HTTP/1.0\r\n", "HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"]) {
      const connection = server.connect();
      connection.socket.write(`GET ${engine}?EIO=4&transport=polling ${head}\r\n`);
      assert.match(await within(connection.closed, "the hub to hang up"), /^HTTP\/1\.1 200 /);
    }
  });

  check("a WebSocket needs a whole handshake", async (server) => {
    const good = {
      "Upgrade": "websocket",
      "Connection": "Upgrade",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    const bad = [
      { Upgrade: undefined },
      { Upgrade: "h2c" },
      { "Sec-WebSocket-Version": "12" },
      { "Sec-WebSocket-Version": undefined },
      { "Sec-WebSocket-Key": undefined },
      { "Sec-WebSocket-Key": "short" },
    ];
    for (const change of bad) {
      const lines = Object.entries({ ...good, ...change }).filter(([, value]) => value !== undefined);
      const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
      const connection = server.connect();
      connection.socket.end(`GET ${engine}?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n${head}\r\n`);
      assert.match(await within(connection.closed, "a refusal"), /^HTTP\/1\.1 4\d\d /, JSON.stringify(change));
    }
  });

  check("no extension is ever negotiated", async (server) => {
    const offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    const socket = await WebSocket.upgrade(server, `${engine}?EIO=4&transport=websocket`, offer);
    assert.doesNotMatch(socket.head, /sec-websocket-(extensions|protocol)/i);
    checkHandshake(await hear(socket), []);
  });

  check("frames right behind the handshake are taken", async (server) => {
    const connection = server.connect();
    connection.socket.write(
      Buffer.concat([
        Buffer.from(
          `GET ${engine}?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        ),
        frame(Buffer.from("4early")),
        frame(Buffer.from("1")),
      ]),
    );
    const text = await within(connection.closed, "the end");
    assert.match(text, /^HTTP\/1\.1 101 /);
    assert.match(text, /s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/);
    assert.match(text, /0\{.*\}.*4early/s);
  });
});

onServer("packets", (check) => {
  check("what a client need not say is ignored", async (server) => {
    for (const transport of ["polling", "websocket"]) {
      const peer = await Peer.open(server, engine, transport);
      peer.send("3", "6", "5", "0", "3probe", "4still here");
      assert.equal(await peer.next(), "4still here", transport);
    }
  });

  check("a client's ping ends the session", async (server) => {
    for (const transport of ["polling", "websocket"]) {
      const peer = await Peer.open(server, engine, transport);
      peer.send("2");
      await peer.ends(transport);
    }
  });

  check("packets before a bad one are delivered, those behind it not", async (server) => {
    const session = await Polling.open(server, engine);
    await session.post(["4before", "abc", "4behind"].join(separator)).catch(() => {});
    const answer = await session.get();
    if (answer.status === 200) assert.deepEqual(answer.text.split(separator).filter((p) => p[0] === "4"), ["4before"]);
  });

  check("base64 text on a WebSocket is binary", async (server) => {
    const socket = await openWebSocket(server, engine);
    socket.send("bAQIDBA==");
    assert.deepEqual(await hear(socket), Buffer.from([1, 2, 3, 4]));
  });

  check("a WebSocket that asks for base64 gets it", async (server) => {
    const socket = await openWebSocket(server, engine, "&b64=1");
    socket.send(Buffer.from([1, 2, 3, 4]), { opcode: 2 });
    assert.equal(await hear(socket), "bAQIDBA==");
    const session = await Polling.open(server, engine);
    const upgraded = await WebSocket.upgrade(server, `${session.webSocketTarget}&b64=1`);
    upgraded.send("2probe");
    assert.equal(await hear(upgraded), "3probe");
    upgraded.send("5");
    upgraded.send(Buffer.from([1, 2, 3]), { opcode: 2 });
    assert.equal(await hear(upgraded), "bAQID");
  });

  check("a packet may come in fragments, with pings between", async (server) => {
    const socket = await openWebSocket(server, engine);
    socket.send("4h\u00fc".slice(0, 2), { fin: false });
    socket.send("", { opcode: 9 });
    socket.write(frame(Buffer.from("ü").subarray(0, 1), { opcode: 0, fin: false }));
    socket.write(frame(Buffer.from("ü").subarray(1), { opcode: 0, fin: false }));
    socket.send("", { opcode: 0 });
    assert.equal(await hear(socket), "4hü");
  });

  check("a whole session in one byte at a time", async (server) => {
    const connection = server.connect();
    connection.socket.setNoDelay();
    const bytes = Buffer.from(`GET ${engine}?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    for (const byte of bytes) {
      await new Promise((resolve) => connection.socket.write(Buffer.from([byte]), resolve));
    }
    const text = await within(connection.closed, "the answer");
    checkHandshake(text.split("\r\n\r\n")[1], ["websocket"]);
  });
});

onServer("polling", (check) => {
  check("a held GET is answered when something comes", async (server) => {
    const session = await Polling.open(server, engine);
    const held = await session.hold();
    await session.send("4hello");
    assert.deepEqual(pick(await within(held.answer, "the message")), { status: 200, text: "4hello" });
  });

  check("a GET gets all that waits, however much", async (server) => {
    const session = await Polling.open(server, engine);
    const texts = Array.from({ length: 3 }, (_, i) => `4${i}`.padEnd(400_000, "x"));
    for (const text of texts) await session.send(text);
    const packets = await session.packets();
    assert.deepEqual(packets.map((packet) => packet.length), [400_000, 400_000, 400_000]);
    assert.ok(packets.join() === texts.join());
  });

  check("a second POST while one is read ends the session", async (server) => {
    const session = await Polling.open(server, engine);
    const first = server.connect();
    first.socket.write(`POST ${session.target} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n4half`);
    await server.catchUp();
    assert.deepEqual(pick(await session.post("4whole")), { status: 400, text: "" });
    assert.doesNotMatch(await within(first.closed, "the first to be cut"), /^HTTP\/1\.1 200/);
    await session.isClosed();
  });

  check("a POST that is left ends the session", async (server) => {
    for (const leave of ["end", "destroy", "resetAndDestroy"]) {
      const session = await Polling.open(server, engine);
      const held = await session.hold();
      const post = server.connect();
      post.socket.write(`POST ${session.target} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n4half`);
      await server.catchUp();
      post.socket[leave]();
      const { status, text } = await within(held.answer, "the end of the held GET");
      assert.deepEqual([status, text], [200, "1"], leave);
      await session.isGone();
    }
  });

  check("a GET that is left, in whatever way, ends the session", async (server) => {
    for (const leave of ["destroy", "resetAndDestroy"]) {
      const session = await Polling.open(server, engine);
      const get = server.connect();
      get.socket.write(`GET ${session.target} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await server.catchUp();
      get.socket[leave]();
      assert.equal((await session.get()).status, 400, leave);
      await session.isGone();
    }
  });

  check("a close in a POST comes after the packets before it, and nothing after it", async (server) => {
    const session = await Polling.open(server, engine);
    const held = await session.hold();
    assert.deepEqual(pick(await session.post(`1${separator}4behind`)), { status: 200, text: "ok" });
    assert.deepEqual(pick(await within(held.answer, "the end")), { status: 200, text: "6" });
    await session.isGone();
  });

  check("a bad packet answers the held GET with a close", async (server) => {
    const session = await Polling.open(server, engine);
    const held = await session.hold();
    const post = await session.post("abc").catch(() => undefined);
    assert.ok([undefined, 200, 400].includes(post?.status));
    assert.deepEqual(pick(await within(held.answer, "the end")), { status: 200, text: "1" });
    await session.isGone();
  });

  check("raw binary is refused", async (server) => {
    const session = await Polling.open(server, engine);
    const answer = await session.post(Buffer.from([4, 1, 2]), { "Content-Type": "application/octet-stream" });
    assert.deepEqual(pick(answer), { status: 400, text: "" });
  });

  check("another method on a session is refused, and costs it nothing", async (server) => {
    const session = await Polling.open(server, engine);
    for (const method of ["PUT", "DELETE", "PATCH", "HEAD"]) {
      const answer = await server.ask(method, session.target, { body: method === "HEAD" ? undefined : "4hello" });
      assert.ok(answer.status >= 400, `${method}: ${answer.status}`);
    }
    await session.echoes();
  });
});

onServer("heartbeat", (check) => {
  check("a ping waits for the next GET, and is answered in time until the last moment", async (server) => {
    const session = await Polling.open(server, engine);
    await reach(session.opened, pingInterval + 20);
    assert.equal((await session.get()).text, "2");
    await session.send("3");
    await session.send("4alive");
    assert.equal((await session.get()).text, "4alive");
  });

  check("messages are no pongs", async (server) => {
    const socket = await openWebSocket(server, engine);
    const until = socket.opened + 2 * (pingInterval + pingTimeout);
    let last = "";
    while (last !== undefined && performance.now() < until) {
      socket.send("4talk");
      last = await socket.message();
    }
    assert.equal(last, undefined, "who never pongs is dropped, whatever else it says");
  });

  check("a pong that was not asked for is none", async (server) => {
    const socket = await openWebSocket(server, engine);
    for (let i = 0; i < 10; i++) socket.send("3");
    assert.equal(await socket.message(), "2");
    assert.equal(await socket.message(), undefined);
  });

  check("a session goes on for as long as it answers", async (server) => {
    const peers = await Promise.all(["polling", "websocket"].map((transport) => Peer.open(server, engine, transport)));
    for (const peer of peers) {
      const opened = performance.now();
      await reach(opened, 5 * (pingInterval + pingTimeout));
      peer.send("4alive");
      assert.equal(await peer.next(), "4alive");
    }
  });

  check("a ping that is due while the transport changes does not end the session", async (server) => {
    const session = await Polling.open(server, engine);
    const socket = await session.upgrade();
    assert.equal((await session.get()).text, "2");
    socket.send("2probe");
    assert.equal(await socket.message(), "3probe");
    socket.send("5");
    socket.send("3");
    for (let i = 0; i < 3; i++) {
      assert.equal(await socket.message(), "2");
      socket.send("3");
    }
  });
});

onServer("upgrade", (check) => {
  check("what is no probe closes the WebSocket alone", async (server) => {
    for (const [packet, how] of [["4hello"], ["5"], ["2"], ["2prob"], ["3probe"], ["2probe", { opcode: 2 }], ["1"]]) {
      const session = await Polling.open(server, engine);
      const socket = await session.upgrade();
      socket.send(packet, how);
      assert.equal(await hear(socket), undefined, packet);
      await session.echoes();
    }
  });

  check("a WebSocket that leaves before or after its probe leaves the polling alone", async (server) => {
    for (const probes of [false, true]) {
      const session = await Polling.open(server, engine);
      const socket = await session.upgrade();
      if (probes) {
        socket.send("2probe");
        assert.equal(await hear(socket), "3probe");
      }
      socket.socket.destroy();
      await server.catchUp();
      await session.echoes();
      const again = await session.takeOver();
      again.send("4hello");
      assert.equal(await hear(again), "4hello");
    }
  });

  check("a WebSocket that never upgrades is closed, and polling goes on", async (server) => {
    const peer = await Peer.open(server, engine, "polling");
    const silent = await peer.session.upgrade();
    assert.equal(await within(Promise.race([silent.closed.then(() => "closed"), reach(performance.now(), 9000)]), "9 s"), undefined);
    assert.equal(await hear(silent), undefined);
    peer.send("4polling");
    assert.equal(await peer.next(), "4polling");
  });

  check("a second WebSocket while one upgrades is refused", async (server) => {
    const session = await Polling.open(server, engine);
    const first = await session.upgrade();
    await refused(server, session.webSocketTarget);
    first.send("2probe");
    assert.equal(await hear(first), "3probe");
    await refused(server, session.webSocketTarget);
    first.send("5");
    first.send("4hello");
    assert.equal(await hear(first), "4hello");
  });

  check("a held GET is answered at the probe", async (server) => {
    const session = await Polling.open(server, engine);
    const held = await session.hold();
    const socket = await session.upgrade();
    socket.send("2probe");
    assert.equal(await hear(socket), "3probe");
    assert.deepEqual(pick(await within(held.answer, "a noop")), { status: 200, text: "6" });
  });

  check("polling goes on until the upgrade, and is not kept waiting", async (server) => {
    const session = await Polling.open(server, engine);
    const socket = await session.upgrade();
    socket.send("2probe");
    assert.equal(await hear(socket), "3probe");
    await session.echoes();
    const asked = performance.now();
    assert.equal((await session.get()).text, "6");
    assert.equal((await session.get()).text, "6");
    assert.ok(performance.now() - asked < pingInterval, "noops come soon");
    await session.echoes();
    socket.send("5");
    socket.send("4hello");
    assert.equal(await hear(socket), "4hello");
  });

  check("what waits moves to the WebSocket, in order", async (server) => {
    const session = await Polling.open(server, engine);
    await session.send("4one", "bAg==", "4three");
    const socket = await session.takeOver();
    socket.send("4four");
    const packets = [await hear(socket), await hear(socket), await hear(socket), await hear(socket)];
    if (typeof packets[1] === "string") packets[1] = Buffer.from(packets[1].slice(1), "base64"); // as good on a WebSocket
    assert.deepEqual(packets, ["4one", Buffer.from([2]), "4three", "4four"]);
  });

  check("a GET that is held at the upgrade is closed, the session is not", async (server) => {
    const session = await Polling.open(server, engine);
    const socket = await session.upgrade();
    socket.send("2probe");
    assert.equal(await hear(socket), "3probe");
    const held = await session.hold();
    socket.send("5");
    const { status, text } = await within(held.answer, "its end");
    assert.ok(status === 200 && ["1", "6"].includes(text), `${status} ${text}`); // `6`: it was before the `5`
    socket.send("4hello");
    assert.equal(await hear(socket), "4hello");
  });

  check("a session that began as a WebSocket takes no other", async (server) => {
    const first = await WebSocket.upgrade(server, `${engine}?EIO=4&transport=websocket`);
    const sid = checkHandshake(await hear(first), []);
    await refused(server, `${engine}?EIO=4&transport=websocket&sid=${sid}`);
    first.send("4hello");
    assert.equal(await hear(first), "4hello");
    const answer = await server.ask("GET", `${engine}?EIO=4&transport=polling&sid=${sid}`);
    assert.deepEqual([answer.status, JSON.parse(answer.text).code], [400, 3]);
  });

  check("a session that closes meanwhile closes the WebSocket", async (server) => {
    for (const probes of [false, true]) {
      const session = await Polling.open(server, engine);
      const socket = await session.upgrade();
      if (probes) {
        socket.send("2probe");
        assert.equal(await hear(socket), "3probe");
      }
      await session.send("1");
      assert.equal(await hear(socket), undefined);
      await session.isGone();
    }
  });

  check("a WebSocket of the other path's session is refused", async (server) => {
    const session = await Polling.open(server, engine);
    await refused(server, session.webSocketTarget.replace(engine, "/socket.io/"));
    const answer = await server.ask("GET", session.target.replace(engine, "/socket.io/"));
    assert.deepEqual(pick(answer), unknownSession);
    await session.echoes();
  });

  check("a WebSocket needs the session's protocol version", async (server) => {
    const session = await Polling.open(server, engine);
    await refused(server, session.webSocketTarget.replace("EIO=4", "EIO=3"));
    await session.echoes();
  });
});

onServer("limits", (check) => {
  const message = (bytes) => `4${"ü".repeat((bytes - 1) >> 1)}${bytes % 2 === 0 ? "x" : ""}`;

  check("a POST may be as long as it says", async (server) => {
    const peer = await Peer.open(server, engine, "polling");
    for (const bytes of [maxPayload - 1, maxPayload]) {
      peer.send(message(bytes));
      assert.ok((await peer.next()) === message(bytes), `${bytes} bytes`);
    }
  });

  check("a longer POST is refused, and the session lives on", async (server) => {
    const session = await Polling.open(server, engine);
    const answer = await session.post(message(maxPayload + 1)).catch((error) => error);
    // A server that hangs up on what it won't read may be faster than its answer.
    if (!(answer instanceof Error)) assert.deepEqual(pick(answer), { status: 413, text: "" });
    await session.echoes();
  });

  check("a POST that only announces too much is refused at once", async (server) => {
    const session = await Polling.open(server, engine);
    const post = server.connect();
    post.socket.write(`POST ${session.target} HTTP/1.1\r\nHost: x\r\nContent-Length: ${maxPayload + 1}\r\n\r\n`);
    assert.match(await within(post.closed, "413"), /^HTTP\/1\.1 413 /);
    await session.echoes();
  });

  check("a WebSocket message may be as long as it says", async (server) => {
    const peer = await Peer.open(server, engine, "websocket");
    for (const bytes of [maxPayload - 1, maxPayload]) {
      peer.send(message(bytes));
      assert.ok((await peer.next()) === message(bytes), `${bytes} bytes`);
    }
  });

  check("a longer WebSocket message is closed with 1009", async (server) => {
    const socket = await openWebSocket(server, engine);
    socket.send(message(maxPayload + 1));
    assert.equal(await socket.end(), 1009);
  });

  check("fragments count together", async (server) => {
    for (const [last, code] of [[0, undefined], [1, 1009]]) {
      const socket = await openWebSocket(server, engine);
      const part = Buffer.alloc(maxPayload / 4, "4");
      socket.write(frame(part, { fin: false }));
      socket.write(frame(part, { opcode: 0, fin: false }));
      socket.write(frame(part, { opcode: 0, fin: false }));
      socket.write(frame(part, { opcode: 0, fin: false }));
      socket.write(frame(Buffer.alloc(last, "4"), { opcode: 0 }));
      if (code !== undefined) assert.equal(await socket.end(), code);
      else assert.equal((await hear(socket)).length, maxPayload);
    }
  });
});

onServer("pages from elsewhere", (check) => {
  const Origin = "https://wall.example";

  check("are told that they may, on every answer", async (server) => {
    const session = await Polling.open(server, engine);
    const answers = [
      await server.ask("GET", `${engine}?EIO=4&transport=polling`, { headers: { Origin } }),
      await server.ask("GET", `${engine}?EIO=3&transport=polling`, { headers: { Origin } }),
      await server.ask("GET", `${engine}?EIO=4&transport=polling&sid=abc`, { headers: { Origin } }),
      await session.post("4hello", { Origin }),
      await server.ask("GET", session.target, { headers: { Origin } }),
    ];
    assert.deepEqual(answers.map((answer) => answer.status), [200, 400, 400, 200, 200]);
    for (const answer of answers) assert.ok(["*", Origin].includes(answer.headers["access-control-allow-origin"]));
  });

  check("may ask first", async (server) => {
    const headers = {
      Origin,
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "authorization,content-type",
    };
    const answer = await server.ask("OPTIONS", `${engine}?EIO=4&transport=polling`, { headers });
    assert.deepEqual(pick(answer), { status: 204, text: "" });
    assert.ok(["*", Origin].includes(answer.headers["access-control-allow-origin"]));
    assert.match(answer.headers["access-control-allow-methods"], /GET.*POST/);
    assert.match(answer.headers["access-control-allow-headers"], /authorization/i);
    assert.match(answer.headers["access-control-allow-headers"], /content-type/i);
  });

  check("may open a WebSocket", async (server) => {
    const target = `${engine}?EIO=4&transport=websocket`;
    checkHandshake(await (await WebSocket.upgrade(server, target, `Origin: ${Origin}\r\n`)).message(), []);
  });
});

test("pages from elsewhere are refused where nobody has allowed them", async (t) => {
  const hub = await Hub.office(t);
  const server = Server.at(hub.port, t);
  const target = "/socket.io/?EIO=4&transport=";
  for (const Origin of ["https://wall.example", "null", "http://127.0.0.1.wall.example"]) {
    const headers = { Origin, "Access-Control-Request-Method": "POST" };
    for (const method of ["GET", "POST", "OPTIONS"]) {
      const answer = await server.ask(method, `${target}polling`, { headers });
      assert.equal(answer.status, 403, `${method} from ${Origin}`);
      assert.equal(answer.headers["access-control-allow-origin"], undefined);
    }
    const refusal = await refused(server, `${target}websocket`, `Origin: ${Origin}\r\n`);
    assert.equal(refusal?.status, 403, Origin);
  }
  const answer = await server.ask("GET", `${target}polling`);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers["access-control-allow-origin"], undefined);
});

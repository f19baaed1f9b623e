// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the tests of the wire share: a server that keeps the contract of wire.md, F1 (the wire library alone), and
// Engine.IO sessions on it by polling and by WebSocket, made by hand so that they can do what no client does.

"use strict";

const assert = require("node:assert/strict");
const { fork, spawn } = require("node:child_process");
const fs = require("node:fs");
const http = require("node:http");
const net = require("node:net");
const path = require("node:path");
const { monitorEventLoopDelay } = require("node:perf_hooks");
const readline = require("node:readline");
const { after, before, describe, it } = require("node:test");
const { setTimeout: sleep } = require("node:timers/promises");
const { within } = require("./hub.js");
const { Refusal, WebSocket, frame } = require("./websocket.js");

const separator = "\x1e";
const pingInterval = 300; // ms; the contract's
const pingTimeout = 200;
const maxPayload = 1_000_000;
const heldUp = pingTimeout / 2; // ms that this side may be late and still be sure to answer in time

// Under valgrind the server is some 30 times slower, and the heartbeat is not.
const slow = process.env.BUREAU_VALGRIND !== undefined;
const valgrind = [
  "valgrind",
  "--quiet",
  "--error-exitcode=9",
  "--leak-check=full",
  "--errors-for-leak-kinds=definite,indirect",
  "--suppressions=/usr/share/glib-2.0/valgrind/glib.supp",
];
const program = [...(slow ? valgrind : []), process.env.BUREAU_CONFORMANCE_SERVER];

/** The heartbeat's own time: until @ms after the instant @from, never less. */
async function reach(from, ms) {
  for (;;) {
    const left = from + ms - performance.now();
    if (left <= 0) return;
    await sleep(left);
  }
}

/** A running conformance server. */
class Server {
  /** One that runs already; @t cleans up. */
  static at(port, t) {
    return Object.assign(new Server(), { port, t });
  }

  static async start({ port = 0, tls } = {}) {
    const self = new Server();
    self.cleanups = [];
    self.t = { after: (cleanup) => self.cleanups.push(cleanup) }; // a session lives as long as its server
    self.errors = "";
    const words = [...program, String(port), ...(tls ? ["--tls", tls.certificate, tls.key] : [])];
    self.child = spawn(words[0], words.slice(1));
    self.exited = new Promise((resolve) => {
      self.child.on("exit", (code, signal) => resolve({ code, signal }));
    });
    self.child.stderr.setEncoding("utf8").on("data", (text) => {
      self.errors += text;
    });
    const ended = self.exited.then(({ code }) => `it ended with ${code}: ${self.errors}`);
    const ready = new Promise((resolve) => readline.createInterface({ input: self.child.stdout }).once("line", resolve));
    const line = await within(Promise.race([ready, ended]), "the ready line");
    assert.match(line, /^ready https?:\/\/127\.0\.0\.1:\d+$/);
    self.url = line.slice("ready ".length);
    self.port = Number(new URL(self.url).port);
    return self;
  }

  /** Ends it with a signal; resolves to {code, signal}. */
  async stop(signal) {
    this.child.kill(signal);
    return within(this.exited, "the server's end");
  }

  async end() {
    for (const cleanup of this.cleanups) cleanup();
    assert.deepEqual(await this.stop("SIGTERM"), { code: 0, signal: null }, this.errors);
    assert.doesNotMatch(this.errors, /CRITICAL|WARNING|ERROR|Sanitizer|definitely lost/, "the server complained");
  }

  /** A request that can be left: {request, answer}. */
  begin(method, target, { body, headers = {}, agent = false } = {}) {
    const request = http.request({ port: this.port, host: "127.0.0.1", method, path: target, headers, agent });
    const answer = new Promise((resolve, reject) => {
      request.on("error", reject);
      request.on("response", (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() });
        });
      });
    });
    answer.catch(() => {}); // whoever asks for it is told
    request.end(body);
    return { request, answer };
  }

  ask(method, target, more) {
    return within(this.begin(method, target, more).answer, `the answer to ${method} ${target}`);
  }

  /** Whatever was written before this has been read: the server answers a request that came later. */
  async catchUp() {
    assert.equal((await this.ask("GET", "/nowhere")).status, 404);
  }

  /** A plain TCP connection: {socket, text (so far), closed}. */
  connect() {
    const socket = net.connect(this.port, "127.0.0.1");
    const self = { socket, text: "" };
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      self.text += bytes;
    });
    self.closed = new Promise((resolve) => socket.on("close", () => resolve(self.text)));
    this.t.after(() => socket.destroy());
    return self;
  }
}

function checkHandshake(packet, upgrades) {
  assert.equal(packet[0], "0");
  const handshake = JSON.parse(packet.slice(1));
  assert.match(handshake.sid, /^[\w-]{20}$/);
  assert.deepEqual(handshake, { sid: handshake.sid, upgrades, pingInterval, pingTimeout, maxPayload });
  return handshake.sid;
}

/** An Engine.IO session by polling, one request at a time, none of them by itself. */
class Polling {
  static async open(server, path) {
    const self = new Polling();
    self.server = server;
    self.agent = new http.Agent({ keepAlive: true }); // its connections are its own, as a browser's are
    server.t.after(() => self.agent.destroy());
    const answer = await self.ask("GET", `${path}?EIO=4&transport=polling`);
    self.opened = performance.now(); // a little after the server thinks it was
    assert.equal(answer.status, 200);
    self.sid = checkHandshake(answer.text, ["websocket"]);
    self.target = `${path}?EIO=4&transport=polling&sid=${self.sid}`;
    self.webSocketTarget = `${path}?EIO=4&transport=websocket&sid=${self.sid}`;
    return self;
  }

  begin(method, body, headers) {
    return this.server.begin(method, this.target, { body, headers, agent: this.agent });
  }

  ask(method, target, more) {
    return this.server.ask(method, target, { ...more, agent: this.agent });
  }

  get() {
    return this.ask("GET", this.target);
  }

  post(body, headers) {
    return this.ask("POST", this.target, { body, headers });
  }

  /** A GET that the server holds: a later request was answered, hence this one been read. */
  async hold() {
    const held = this.begin("GET");
    await within(new Promise((resolve) => held.request.once("finish", resolve)), "a GET to be written");
    await this.server.catchUp();
    return held;
  }

  /** Packets that must be taken. */
  async send(...packets) {
    const answer = await this.post(packets.join(separator));
    assert.deepEqual([answer.status, answer.text], [200, "ok"]);
  }

  /** A GET's packets. */
  async packets() {
    const answer = await this.get();
    assert.equal(answer.status, 200);
    return answer.text.split(separator);
  }

  /** The session lives: a message comes back. Pings that come before it are answered. */
  async echoes() {
    await this.send("4echo");
    for (;;) {
      const packets = await this.packets();
      if (packets.includes("2")) await this.send("3");
      if (packets.includes("4echo")) return;
      assert.ok(["2", "6"].includes(packets.join()), packets.join());
    }
  }

  /** The session is no longer known. */
  async isGone() {
    assert.deepEqual(pick(await this.get()), unknownSession);
  }

  /** Gone now or after it has been told: what a GET gets first is `1`. */
  async isClosed() {
    const answer = await this.get();
    if (answer.status === 200) {
      assert.equal(answer.text.split(separator).at(-1), "1");
      await this.isGone();
    } else {
      assert.deepEqual(pick(answer), unknownSession);
    }
  }

  upgrade(headers) {
    return WebSocket.upgrade(this.server, this.webSocketTarget, headers);
  }

  /** A WebSocket that was probed and has taken over. */
  async takeOver() {
    const socket = await this.upgrade();
    socket.send("2probe");
    assert.equal(await socket.message(), "3probe");
    socket.send("5");
    return socket;
  }
}

const pick = ({ status, text }) => ({ status, text });
const unknownSession = { status: 400, text: '{"code":1,"message":"Session ID unknown"}' };

/** No WebSocket of this target: refused, or closed at once. */
async function refused(server, target, headers) {
  const refusal = await WebSocket.upgrade(server, target, headers).catch((error) => error);
  if (refusal instanceof Refusal) return refusal;
  assert.ok(refusal instanceof WebSocket, refusal);
  await refusal.end();
  return undefined;
}

async function openWebSocket(server, path, more = "") {
  const socket = await WebSocket.upgrade(server, `${path}?EIO=4&transport=websocket${more}`);
  const message = await socket.message();
  socket.opened = performance.now();
  checkHandshake(message, []);
  return socket;
}

/** The next message of a WebSocket that is no ping; pings are answered. */
async function hear(socket) {
  for (;;) {
    const message = await socket.message();
    if (message !== "2") return message;
    socket.send("3");
  }
}

/** A client as it should be, over either transport: it answers pings, and hands up all else in order. */
class Peer {
  constructor() {
    this.inbox = [];
    this.gone = false;
    this.waiting = [];
  }

  static async open(server, path, transport) {
    return transport === "polling" ? PollingPeer.open(server, path) : WebSocketPeer.open(server, path);
  }

  /** In the namespace, past its `auth`. */
  static async enter(server, transport, nsp = "") {
    const self = await Peer.open(server, "/socket.io/", transport);
    self.send(`40${nsp}`);
    assert.match(await self.next(), /^40(\/custom,)?\{"sid":"[\w-]{20}"\}$/);
    assert.equal(await self.next(), `42${nsp}["auth",{}]`);
    return self;
  }

  take(packet) {
    if (packet === "2") this.send("3");
    else if (packet !== "6") this.inbox.push(packet);
    this.look();
  }

  lose() {
    this.gone = true;
    this.look();
  }

  look() {
    for (const waiter of [...this.waiting]) waiter();
  }

  /** The next packet, a string or a Buffer; undefined if the session ended before one came. */
  next() {
    const found = new Promise((resolve) => {
      const waiter = () => {
        if (this.inbox.length === 0 && !this.gone) return;
        this.waiting = this.waiting.filter((other) => other !== waiter);
        resolve(this.inbox.shift());
      };
      this.waiting.push(waiter);
      waiter();
    });
    return within(found, "a packet");
  }

  /** The server ends the session, without another word. */
  async ends(about) {
    assert.equal(await this.next(), undefined, about);
  }

  /** The session lives on: what is said comes back, and nothing before it. */
  async lives(nsp = "", about = undefined) {
    this.send(`42${nsp}["message","are you there?"]`);
    assert.equal(await this.next(), `42${nsp}["message-back","are you there?"]`, about);
  }
}

class WebSocketPeer extends Peer {
  static async open(server, path) {
    const self = new WebSocketPeer();
    self.socket = await openWebSocket(server, path);
    self.pump().catch(() => self.lose());
    return self;
  }

  async pump() {
    for (;;) {
      const packet = await this.socket.message();
      if (packet === undefined) break;
      this.take(packet);
    }
    this.lose();
  }

  send(...packets) {
    for (const packet of packets) {
      if (typeof packet === "string") this.socket.send(packet);
      else this.socket.send(packet, { opcode: 2 });
    }
  }

  leave() {
    this.socket.socket.destroy();
  }
}

class PollingPeer extends Peer {
  static async open(server, path) {
    const self = new PollingPeer();
    self.session = await Polling.open(server, path);
    self.outbox = [];
    self.posting = false;
    self.pump().catch(() => self.lose());
    return self;
  }

  async pump() {
    for (;;) {
      const answer = await this.session.get();
      if (answer.status !== 200) break;
      for (const packet of answer.text.split(separator)) {
        if (packet === "1") return this.lose();
        this.take(packet[0] === "b" ? Buffer.from(packet.slice(1), "base64") : packet);
      }
    }
    this.lose();
  }

  /** All that waits goes with one POST, the next one when it was answered. */
  send(...packets) {
    this.outbox.push(...packets.map((p) => (typeof p === "string" ? p : `b${p.toString("base64")}`)));
    if (!this.posting) this.flush().catch(() => {});
  }

  async flush() {
    this.posting = true;
    while (this.outbox.length > 0 && !this.gone) {
      await this.session.post(this.outbox.splice(0).join(separator));
    }
    this.posting = false;
  }

  leave() {
    this.gone = true;
  }
}

/** Sessions that echo all the time, in a process of their own; `end()` fails if the server has ended one of them. */
class Load {
  static async start(server, sessions) {
    const self = new Load();
    self.child = fork(path.join(__dirname, "load.js"), [server.port, sessions].map(String));
    server.t.after(() => self.child.kill());
    self.exited = new Promise((resolve) => self.child.on("exit", resolve));
    await within(self.message(), "the load to run");
    return self;
  }

  message() {
    return new Promise((resolve) => this.child.once("message", resolve));
  }

  async end() {
    this.child.send("end");
    const { echoes, lost, delay } = await within(this.message(), "the load to end");
    await this.exited;
    if (delay < heldUp) assert.equal(lost, 0, "sessions of the load were lost");
    assert.ok(echoes > (slow ? 100 : 1000), `the load was no load: ${echoes} echoes`);
  }
}

/** ms that these processes were ready to run, and others ran. */
function measureWaiting(pids) {
  return pids.reduce((sum, pid) => {
    try {
      return sum + Number(fs.readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[1]) / 1e6;
    } catch {
      return sum; // it has ended, or this kernel keeps no account
    }
  }, 0);
}

/** Runs @body, again if it fails while one of the two sides was held up, by others or by valgrind: it can't have kept to
 *  the heartbeat then. */
async function fairly(body, ...pids) {
  for (let tries = 1; ; tries++) {
    const waiting = measureWaiting(pids);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    try {
      return await body();
    } catch (error) {
      const late = delay.max / 1e6 >= heldUp || measureWaiting(pids) - waiting >= heldUp;
      if (tries === 5 || !(late || slow)) throw error;
    } finally {
      delay.disable();
    }
  }
}

/** Declares a suite of tests that share one server, and run side by side: @declare (check), check (title, body). With
 *  so many other sessions that echo meanwhile. */
function onServer(name, declare, others = 0) {
  describe(name, { concurrency: slow ? 2 : 20 }, () => {
    let server;
    let load;
    before(async () => {
      server = await Server.start();
      if (others > 0) load = await Load.start(server, slow ? others / 10 : others);
    });
    after(async () => {
      try {
        await load?.end();
      } finally {
        await server.end();
      }
    });
    declare((title, body) => it(title, { timeout: 60_000 }, () => fairly(() => body(server), process.pid, server.child.pid)));
  });
}

module.exports = {
  Load,
  Peer,
  Polling,
  Refusal,
  Server,
  WebSocket,
  checkHandshake,
  fairly,
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
};

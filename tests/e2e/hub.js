// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the tests share: a real bureau-hub on a directory and a port of its own, people who join it, and their
// connections, made with the stock Socket.IO client. Nothing of Bureau's own code is used on this side.

"use strict";

const assert = require("node:assert/strict");
const { spawn, spawnSync } = require("node:child_process");
const { createHmac, randomUUID } = require("node:crypto");
const fs = require("node:fs");
const net = require("node:net");
const os = require("node:os");
const path = require("node:path");
const readline = require("node:readline");
const runner = require("node:test");
const { io } = require("socket.io-client");

const program = process.env.BUREAU_HUB;
// What a whole office asks for in the course of weeks, a test asks for at once, and from one address.
const roomy = ["sign-ins-at-once=1000", "invitations-per-hour=10000", "projects-per-hour=10000"].flatMap((limit) => [
  "--limit",
  limit,
]);
const patience = 10_000; // ms until what should have happened counts as missing

/** A test that fails rather than hang. */
function test(name, body, timeout = 6 * patience) {
  runner.test(name, { timeout }, body);
}

/** Rejects with what was waited for when it takes too long. */
function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), patience).unref();
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Runs bureau-hub to its end. */
function run(...words) {
  const result = spawnSync(program, words, { encoding: "utf8", timeout: patience });
  assert.equal(result.error, undefined);
  return { status: result.status, stdout: result.stdout, stderr: result.stderr };
}

function makeDirectory(t) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "bureau-e2e-"));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  return path.join(directory, "office");
}

/** What stands behind a link's certificate: nobody but who was given the link knows it. */
function secretOf(link) {
  return link.slice(link.lastIndexOf(".") + 1);
}

/** An office that a bureau-hub serves. */
class Hub {
  constructor(t, directory) {
    this.t = t;
    this.directory = directory;
    this.errors = "";
    t.after(() => this.end());
  }

  /** Makes an office of Ana's and serves it, with these options. */
  static async office(t, ...options) {
    const directory = makeDirectory(t);
    const made = run("init", "--data", directory, "--office", "Studio", "--owner", "Ana");
    assert.equal(made.status, 0, made.stderr);
    const hub = new Hub(t, directory);
    hub.options = [...roomy, ...options];
    await hub.start();
    return hub;
  }

  async start(listen = "127.0.0.1:0") {
    const child = spawn(program, ["--data", this.directory, "--listen", listen, ...(this.options ?? [])], {
      env: { ...process.env, ...this.env },
    });
    this.child = child;
    this.exited = new Promise((resolve) => {
      child.on("exit", (code, signal) => resolve({ code, signal }));
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      this.errors += text;
    });
    const lines = readline.createInterface({ input: child.stdout });
    this.stdout = [];
    lines.on("line", (line) => this.stdout.push(line));
    const first = new Promise((resolve) => lines.once("line", resolve));
    const ended = this.exited.then(({ code }) => {
      throw new Error(`bureau-hub ended with ${code}: ${this.errors}`);
    });
    ended.catch(() => {});
    const line = await within(Promise.race([first, ended]), "the ready line");
    assert.match(line, listen.startsWith("127.0.0.1:") ? /^ready http:\/\/127\.0\.0\.1:\d+$/ : /^ready https:\/\/\S+:\d+$/);
    this.ready = line.slice("ready ".length);
    this.port = Number(new URL(this.ready).port);
    // Whoever comes over loopback may speak plainly.
    this.url = `http://127.0.0.1:${this.port}`;
  }

  /** Ends the hub with a signal; resolves to {code, signal}. */
  async stop(signal) {
    this.child.kill(signal);
    return within(this.exited, "the hub's end");
  }

  async end() {
    // Whatever a test has done to it, a hub still stops as it should.
    if (this.child && this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill("SIGTERM");
      const kill = setTimeout(() => this.child.kill("SIGKILL"), patience);
      const ended = await this.exited;
      clearTimeout(kill);
      assert.deepEqual(ended, { code: 0, signal: null }, this.errors);
    }
    // Nothing a client does may make the hub warn of itself.
    assert.doesNotMatch(this.errors, /CRITICAL|WARNING|ERROR|Sanitizer/, "the hub complained");
  }

  run(verb, ...words) {
    return run(verb, "--data", this.directory, ...words);
  }

  token(handle, ...words) {
    const result = this.run("token", "--user", handle, ...words);
    assert.equal(result.status, 0, result.stderr);
    return result.stdout.trim();
  }

  invite(...words) {
    const result = this.run("invite", ...words);
    assert.equal(result.status, 0, result.stderr);
    return Object.fromEntries(result.stdout.trim().split("\n").map((line) => line.split(/ (.*)/s)));
  }

  /** Somebody new: {accessToken, refreshToken, user, workspace}. */
  async join(name, ...words) {
    const answer = await this.post("/auth/join", { code: secretOf(this.invite(...words).link), name, device: "test" });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  }

  async request(method, where, { token, body, type = "application/json", headers = {} } = {}) {
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body !== undefined) headers["Content-Type"] = type;
    const answer = await within(
      fetch(`${this.url}/api/v1${where}`, {
        method,
        headers,
        body: body === undefined || typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      }),
      `${method} ${where}`,
    );
    const text = await answer.text();
    const json = (answer.headers.get("content-type") ?? "").startsWith("application/json");
    return { status: answer.status, headers: answer.headers, text, body: json ? JSON.parse(text) : undefined };
  }

  get(where, token) {
    return this.request("GET", where, { token });
  }

  post(where, body, token) {
    return this.request("POST", where, { token, body });
  }

  /** A command over REST. */
  command(token, name, params = {}) {
    return this.post(`/commands/${name}`, params, token);
  }

  /** A connection that is not yet made. */
  prepare(auth) {
    const socket = io(this.url, {
      transports: ["websocket"],
      auth,
      reconnection: false,
      forceNew: true,
      autoConnect: false,
    });
    this.t.after(() => socket.disconnect());
    return new Person(socket);
  }

  /** A live connection, up to its sync:ready, which is kept as `ready`. */
  async connect(token, more = {}) {
    const person = this.prepare({ token, ...more });
    person.socket.connect();
    const refused = new Promise((_, reject) => person.socket.once("connect_error", reject));
    refused.catch(() => {});
    person.ready = await Promise.race([person.next("sync:ready"), refused]);
    return person;
  }

  /** The error that a connection with this auth is refused with. */
  async refusal(auth) {
    const person = this.prepare(auth);
    const error = new Promise((resolve, reject) => {
      person.socket.once("connect_error", resolve);
      person.socket.once("connect", () => reject(new Error("it was let in")));
    });
    person.socket.connect();
    return within(error, "connect_error");
  }

  /** Sends bytes over plain TCP; resolves to all that comes back until the hub closes. */
  async raw(...chunks) {
    const socket = net.connect(this.port, "127.0.0.1");
    const answer = [];
    socket.on("data", (bytes) => answer.push(bytes));
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.on("error", () => {}); // the hub may hang up on us while we still talk
    for (const chunk of chunks) {
      if (socket.destroyed) break;
      if (!socket.write(chunk)) {
        await Promise.race([new Promise((resolve) => socket.once("drain", resolve)), closed]);
      }
    }
    await within(closed, "the hub to hang up");
    return Buffer.concat(answer);
  }
}

/** One person's connection: all events are kept, and waited for in order. */
class Person {
  constructor(socket) {
    this.socket = socket;
    this.events = [];
    this.taken = new Set();
    this.waiting = [];
    socket.onAny((name, body) => {
      const event = { name, body };
      this.events.push(event);
      for (const waiter of [...this.waiting]) waiter();
    });
    this.closed = new Promise((resolve) => socket.once("disconnect", resolve));
  }

  /** The next event of this name (that fits) which no earlier call has taken. */
  next(name, fits = () => true) {
    const found = new Promise((resolve) => {
      const look = () => {
        const event = this.events.find((e) => e.name === name && !this.taken.has(e) && fits(e.body));
        if (!event) return;
        this.taken.add(event);
        this.waiting = this.waiting.filter((waiter) => waiter !== look);
        resolve(event.body);
      };
      this.waiting.push(look);
      look();
    });
    return within(found, name);
  }

  names() {
    return this.events.map((event) => event.name);
  }

  /** Gives a command as it is, whatever the answer. */
  ask(name, ...args) {
    return within(new Promise((resolve) => this.socket.emit(name, ...args, resolve)), `the answer to ${name}`);
  }

  /** Gives a command that must succeed. */
  async do(name, params = {}) {
    const answer = await this.ask(name, params);
    assert.equal(answer.ok, true, `${name}: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** Gives a command that must be refused with this code. */
  async refused(code, name, params = {}) {
    const answer = await this.ask(name, params);
    assertError(answer, code, name);
    return answer.error;
  }
}

/** What an access token says. */
function readToken(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
}

/** A token of this hub's own with any claims, and, if need be, another header or key: as the hub would sign it. */
function signToken(hub, claims, { header, key = fs.readFileSync(path.join(hub.directory, "keys", "token.key")) } = {}) {
  const encode = (part) => Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url");
  const head = header === undefined ? hub.token("ana").split(".")[0] : encode(header);
  const text = `${head}.${encode(claims)}`;
  return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
}

/** An error answer as rules.md says: a code, and a whole sentence for people. */
function assertError(answer, code, about = "") {
  assert.equal(answer.ok, false, `${about}: ${JSON.stringify(answer)}`);
  assert.equal(answer.error.code, code, `${about}: ${JSON.stringify(answer)}`);
  assert.match(answer.error.message, /^[A-Z“].*[.]$/s);
}

module.exports = {
  Hub, Person, assertError, makeDirectory, program, randomUUID, readToken, run, secretOf, signToken, test, within,
};

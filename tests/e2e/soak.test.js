// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Whatever comes and goes, and however it goes, the server is left as it was: no descriptor and no memory is lost. The
// dose is BUREAU_SOAK hundredths of 30,000 requests and 10,000 connections; 10 without it.

"use strict";

const assert = require("node:assert/strict");
const { execFileSync, spawnSync } = require("node:child_process");
const fs = require("node:fs");
const http = require("node:http");
const net = require("node:net");
const os = require("node:os");
const path = require("node:path");
const { after, before, describe, it } = require("node:test");
const tls = require("node:tls");
const { within } = require("./hub.js");
const { Polling, Server, frame, openWebSocket, reach } = require("./wire.js");

const dose = Number(process.env.BUREAU_SOAK ?? 10) / 100;
const requests = 30_000 * dose;
const connections = 10_000 * dose;
const workers = 40;
const engine = "/engine.io/";
const patient = { timeout: 600_000 };

/* ------------------------------------------------------------------ looking at the server */

function countDescriptors(server) {
  return fs.readdirSync(`/proc/${server.child.pid}/fd`).length;
}

/** KiB */
function measureMemory(server) {
  return Number(/VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${server.child.pid}/status`, "utf8"))[1]);
}

/** ms of processor time so far */
function measureWork(server) {
  const fields = fs.readFileSync(`/proc/${server.child.pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** The server has closed all that came since @descriptors were counted. */
async function settles(server, descriptors) {
  const since = performance.now();
  while (countDescriptors(server) > descriptors) {
    assert.ok(performance.now() - since < 10_000, `${countDescriptors(server)} descriptors, there were ${descriptors}`);
    await reach(performance.now(), 20);
  }
}

/** Runs @body (i) for each i below @count, some at a time. */
async function repeat(count, body) {
  let next = 0;
  await Promise.all(
    Array.from({ length: workers }, async () => {
      while (next < count) await body(next++);
    }),
  );
}

/** @work (count) leaves nothing behind, beyond what half of it has left. */
async function staysFlat(t, server, count, work) {
  const descriptors = countDescriptors(server);
  await work(count / 2);
  await settles(server, descriptors);
  const memory = measureMemory(server);
  await work(count);
  await settles(server, descriptors);
  const grown = measureMemory(server) - memory;
  t.diagnostic(`${count} times: ${descriptors} descriptors, ${memory} KiB, ${grown} KiB more afterwards`);
  assert.ok(grown < 2048, `${grown} KiB more after ${count} times`);
}

/* ------------------------------------------------------------------ coming and going */

/** A connection that speaks HTTP by hand, plain or over TLS. */
class Visitor {
  static async connect(server) {
    const self = new Visitor();
    self.socket = net.connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
    await self.watch("connect");
    return self;
  }

  static async connectTls(server) {
    const self = new Visitor();
    self.socket = tls.connect({ port: server.port, host: "127.0.0.1", rejectUnauthorized: false });
    await self.watch("secureConnect");
    return self;
  }

  async watch(event) {
    this.text = "";
    this.waiting = () => {};
    this.socket.on("error", () => {});
    this.closed = new Promise((resolve) => this.socket.on("close", resolve));
    this.socket.on("data", (bytes) => {
      this.text += bytes.toString("latin1");
      this.waiting();
    });
    this.socket.on("end", () => this.socket.end());
    await within(Promise.race([new Promise((resolve) => this.socket.on(event, resolve)), this.closed]), event);
  }

  /** Resolves to a match of what has come; to an empty one if the server hangs up first, as at who pongs too late. */
  async find(pattern) {
    const found = new Promise((resolve) => {
      this.waiting = () => {
        const match = pattern.exec(this.text);
        if (match) resolve(match);
      };
      this.waiting();
    });
    return within(Promise.race([found, this.closed.then(() => [])]), String(pattern));
  }

  write(bytes) {
    this.socket.write(bytes);
  }

  ask(method, target, headers = "") {
    this.write(`${method} ${target} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
  }

  async openSession() {
    this.ask("GET", `${engine}?EIO=4&transport=polling`);
    const [, sid] = await this.find(/"sid":"([\w-]{20})"/);
    return `${engine}?EIO=4&sid=${sid}&transport=`;
  }

  upgrade(target) {
    this.ask(
      "GET",
      target,
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    );
  }

  async becomeWebSocket(path) {
    this.upgrade(`${path}?EIO=4&transport=websocket`);
    await this.find(/0\{/);
  }
}

/** How far one comes before it goes. */
const stages = {
  "a connection": () => {},
  "half a head": (visitor) => visitor.write(`GET ${engine}?EIO=4 HTTP/1.1\r\nHost: x\r\nA`),
  "between requests": async (visitor) => {
    visitor.ask("GET", "/nowhere");
    await visitor.find(/404/);
  },
  "half a body": async (visitor) => {
    const target = await visitor.openSession();
    visitor.ask("POST", `${target}polling`, "Content-Length: 100000\r\n");
    visitor.write("4".repeat(10_000));
  },
  "a held poll": async (visitor) => visitor.ask("GET", `${await visitor.openSession()}polling`),
  "half a head of an upgrade": async (visitor) => {
    const target = await visitor.openSession();
    visitor.write(`GET ${target}websocket HTTP/1.1\r\nHost: x\r\nUpgrade: webso`);
  },
  "an upgrade": async (visitor) => visitor.upgrade(`${await visitor.openSession()}websocket`),
  "a probe": async (visitor) => {
    visitor.upgrade(`${await visitor.openSession()}websocket`);
    visitor.write(frame(Buffer.from("2probe")));
    await visitor.find(/3probe/);
  },
  "a WebSocket": (visitor) => visitor.becomeWebSocket(engine),
  "half a frame's head": async (visitor) => {
    await visitor.becomeWebSocket(engine);
    visitor.write(frame(Buffer.from("4hello")).subarray(0, 1));
  },
  "half a frame": async (visitor) => {
    await visitor.becomeWebSocket(engine);
    visitor.write(frame(Buffer.alloc(100_000, "4")).subarray(0, 50_000));
  },
  "half a message": async (visitor) => {
    await visitor.becomeWebSocket(engine);
    visitor.write(frame(Buffer.alloc(10_000, "4"), { fin: false }));
  },
  "an echo that is not read": async (visitor) => {
    await visitor.becomeWebSocket(engine);
    visitor.socket.pause();
    visitor.write(frame(Buffer.alloc(500_000, "4")));
  },
  "a namespace": async (visitor) => {
    await visitor.becomeWebSocket("/socket.io/");
    visitor.write(frame(Buffer.from("40")));
    await visitor.find(/42\["auth"/);
  },
  "half a binary event": async (visitor) => {
    await visitor.becomeWebSocket("/socket.io/");
    visitor.write(frame(Buffer.from("40")));
    visitor.write(frame(Buffer.from('452-["message",{"_placeholder":true,"num":0}]')));
    visitor.write(frame(Buffer.alloc(50_000), { opcode: 2 }));
  },
};

/** And how it goes. */
const ends = [
  (visitor) => visitor.socket.destroy(),
  ({ socket }) => (socket instanceof tls.TLSSocket ? socket.destroy() : socket.resetAndDestroy()),
  async (visitor) => {
    visitor.socket.end();
    visitor.socket.resume();
    await within(visitor.closed, "the server to close its half");
  },
];

async function comeAndGo(server, i, connect = Visitor.connect) {
  const names = Object.keys(stages);
  const visitor = await connect(server);
  const stage = names[i % names.length];
  try {
    await stages[stage](visitor);
    await ends[Math.floor(i / names.length) % ends.length](visitor);
  } catch (error) {
    throw new Error(`${stage}, end ${Math.floor(i / names.length) % ends.length}`, { cause: error });
  } finally {
    visitor.socket.destroy();
  }
}

const badHeads = [
  "GET / HTTP/1.1\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
  "GET / HTTP/2.0\r\nHost: x\r\n\r\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
  `GET /${"x".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
  `GET / HTTP/1.1\r\nHost: x\r\n${"a: b\r\n".repeat(1000)}\r\n`,
  "\u0016\u0003\u0001\u0000",
  "\r\n\r\n\r\n\r\ngarbage\r\n\r\n",
];

async function sendBadHead(server, i) {
  const visitor = await Visitor.connect(server);
  const head = badHeads[i % badHeads.length];
  visitor.socket.end(head);
  await within(visitor.closed, `the end of ${JSON.stringify(head.slice(0, 40))}`);
}

/** One or some requests of a mix, two times of three on a connection that stays. */
async function request(server, agents, i) {
  const agent = i % 3 === 0 ? false : agents[i % agents.length];
  const kind = i % 10;
  if (kind < 5) {
    const { text } = await server.ask("GET", `${engine}?EIO=4&transport=polling`, { agent });
    const target = `${engine}?EIO=4&transport=polling&sid=${JSON.parse(text.slice(1)).sid}`;
    const steps = kind < 2 ? [["POST", "1"]] : [["POST", "4hello"], ["GET"], ["POST", "1"]];
    for (const [method, body] of steps) {
      const { status } = await server.ask(method, target, { agent, body });
      assert.ok(status === 200 || status === 400, `${status}`); // 400: too late, where the machine is busy
    }
  } else if (kind < 7) {
    const answer = await server.ask(kind === 5 ? "GET" : "POST", "/api/v1/tasks?q=%20", { agent, body: kind === 5 ? undefined : "{}" });
    assert.equal(answer.status, 404);
  } else if (kind < 9) {
    assert.equal((await server.ask("GET", `${engine}?EIO=4&transport=polling&sid=unknown`, { agent })).status, 400);
  } else {
    await sendBadHead(server, Math.floor(i / 10));
  }
}

/* ------------------------------------------------------------------ the tests */

function onServer(name, declare, options) {
  describe(name, () => {
    let server;
    before(async () => {
      server = await Server.start(options?.());
    });
    after(() => server.end());
    declare((title, body) => it(title, patient, (t) => body(server, t)));
  });
}

async function isWell(server) {
  const socket = await openWebSocket(server, engine);
  socket.send("4hello");
  assert.equal(await socket.message(), "4hello");
  socket.socket.destroy();
  const session = await Polling.open(server, engine);
  await session.echoes();
  await session.send("1");
  session.agent.destroy();
}

onServer("a server in the clear", (check) => {
  check("requests leave nothing behind", async (server, t) => {
    await staysFlat(t, server, requests / 2, async (count) => {
      const agents = Array.from({ length: workers }, () => new http.Agent({ keepAlive: true }));
      await repeat(count, (i) => request(server, agents, i));
      agents.forEach((agent) => agent.destroy());
    });
    await isWell(server);
  });

  check("connections leave nothing behind, however they go", async (server, t) => {
    await staysFlat(t, server, connections, (count) => repeat(count, (i) => comeAndGo(server, i)));
    await isWell(server);
  });

  check("sessions that are only opened leave nothing behind", async (server, t) => {
    await staysFlat(t, server, connections / 2, (count) =>
      repeat(count, (i) => server.ask("GET", `${i % 2 ? engine : "/socket.io/"}?EIO=4&transport=polling`)),
    );
    await isWell(server);
  });

  check("running out of descriptors is no end", async (server, t) => {
    if (spawnSync("prlimit", ["--version"]).error) return t.skip("there is no prlimit");
    const descriptors = countDescriptors(server);
    const limit = (number) => execFileSync("prlimit", ["--pid", String(server.child.pid), `--nofile=${number}:`]);
    limit(descriptors + 10);
    const visitors = await Promise.all(Array.from({ length: 50 }, () => Visitor.connect(server)));
    for (const visitor of visitors) visitor.ask("GET", "/nowhere", "Connection: keep-alive\r\n");
    await visitors[0].find(/404/);
    const before = measureWork(server);
    await reach(performance.now(), 500);
    const worked = measureWork(server) - before;
    assert.ok(worked < 250, `it worked ${worked} ms of 500 for nothing`);
    assert.ok(visitors.some((visitor) => visitor.text === ""), "the limit was none");
    // Each that goes makes room for one that waits.
    for (const visitor of visitors) {
      await visitor.find(/404/);
      visitor.socket.destroy();
    }
    await settles(server, descriptors);
    limit(1024);
    await isWell(server);
  });
});

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "bureau-e2e-"));
const identity = { certificate: path.join(directory, "cert.pem"), key: path.join(directory, "key.pem") };
const made = spawnSync("openssl", [
  ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost"],
  ...["-days", "2", "-out", identity.certificate, "-keyout", identity.key],
]);

if (made.error) {
  it("over TLS", { skip: "there is no openssl" }, () => {});
} else {
  after(() => fs.rmSync(directory, { recursive: true, force: true }));
  onServer(
    "a server over TLS",
    (check) => {
      check("connections leave nothing behind, however they go", async (server, t) => {
        await staysFlat(t, server, connections / 5, (count) =>
          repeat(count, (i) => comeAndGo(server, i, Visitor.connectTls)),
        );
      });

      check("handshakes that go no further leave nothing behind", async (server, t) => {
        const hello = await captureHello();
        const visit = async (i) => {
          const visitor = await Visitor.connect(server);
          visitor.write(i % 5 === 0 ? "GET / HTTP/1.1\r\n\r\n" : hello.subarray(0, 1 + (i % hello.length)));
          await ends[i % ends.length](visitor);
          visitor.socket.destroy();
        };
        await staysFlat(t, server, connections / 2, (count) => repeat(count, visit));
        const visitor = await Visitor.connectTls(server);
        visitor.ask("GET", "/nowhere");
        await visitor.find(/404/);
        visitor.socket.destroy();
      });
    },
    () => ({ tls: identity }),
  );
}

/** What a TLS client says first. */
async function captureHello() {
  const listener = net.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => listener.once("listening", resolve));
  const accepted = new Promise((resolve) => listener.once("connection", resolve));
  const client = tls.connect({ port: listener.address().port, host: "127.0.0.1", rejectUnauthorized: false });
  client.on("error", () => {});
  const peer = await accepted;
  const hello = await new Promise((resolve) => peer.once("data", resolve));
  client.destroy();
  listener.close();
  return hello;
}

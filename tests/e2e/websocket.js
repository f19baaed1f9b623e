// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A WebSocket client that does as it is told, also what no client should: frames are made by hand.

"use strict";

const assert = require("node:assert/strict");
const { createHash, randomBytes } = require("node:crypto");
const net = require("node:net");
const { within } = require("./hub.js");

/** A client's frame: masked, with whatever opcode and announced length. */
function frame(payload, { opcode = 1, fin = true, mask = true, announced = payload.length } = {}) {
  const key = randomBytes(4);
  const head = [(fin ? 0x80 : 0) | opcode];
  const flag = mask ? 0x80 : 0;
  if (announced < 126) {
    head.push(flag | announced);
  } else if (announced < 65536) {
    head.push(flag | 126, announced >> 8, announced & 0xff);
  } else {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(announced));
    head.push(flag | 127, ...length);
  }
  if (!mask) return Buffer.concat([Buffer.from(head), payload]);
  const body = Buffer.from(payload);
  for (let i = 0; i < body.length; i++) body[i] ^= key[i % 4];
  return Buffer.concat([Buffer.from(head), key, body]);
}

/** The server refused to make a WebSocket of a request. */
class Refusal extends Error {
  constructor(text) {
    super(`no WebSocket: ${text.split("\r\n", 1)[0]}`);
    const end = text.indexOf("\r\n\r\n");
    this.status = Number(text.split(" ", 2)[1]);
    this.headers = text.slice(0, end);
    this.body = text.slice(end + 4);
  }
}

class WebSocket {
  constructor(socket) {
    this.socket = socket;
    this.bytes = Buffer.alloc(0);
    this.messages = []; // text as strings, binary as Buffers
    this.closeCode = undefined; // of the server's close frame
    this.gone = false;
    this.waiting = [];
    this.upgraded = new Promise((resolve) => {
      this.resolveUpgraded = resolve; // TRUE: it was
    });
    socket.on("error", () => {}); // the server may hang up on us while we still talk
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        this.gone = true;
        this.resolveUpgraded(false);
        resolve(this.closeCode);
        for (const look of [...this.waiting]) look();
      });
    });
    socket.on("data", (bytes) => this.take(bytes));
  }

  /** A WebSocket to @target; throws a Refusal where there is none. */
  static async upgrade(server, target, headers = "") {
    const socket = net.connect(server.port, "127.0.0.1");
    const self = new WebSocket(socket);
    const key = randomBytes(16).toString("base64");
    server.t.after(() => socket.destroy());
    socket.write(
      `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n${headers}\r\n`,
    );
    if (!(await within(self.upgraded, "the answer to an upgrade"))) throw new Refusal(self.bytes.toString());
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    assert.match(self.head, new RegExp(`^sec-websocket-accept: ${accept.replace(/[+]/g, "\\+")}\r?$`, "im"));
    return self;
  }

  static async open(hub) {
    const self = await WebSocket.upgrade(hub, "/socket.io/?EIO=4&transport=websocket");
    assert.match(await self.message(), /^0\{/); // Engine.IO's handshake
    return self;
  }

  /** Open, and signed in. */
  static async enter(hub, token) {
    const self = await WebSocket.open(hub);
    self.send(`40${JSON.stringify({ token })}`);
    for (;;) {
      const message = await self.message();
      assert.notEqual(message, undefined, "it was not let in");
      if (message.startsWith("40")) return self;
      assert.doesNotMatch(message, /^44/);
    }
  }

  take(bytes) {
    this.bytes = Buffer.concat([this.bytes, bytes]);
    if (this.head === undefined) {
      const end = this.bytes.indexOf("\r\n\r\n");
      // Anything but a 101 is read to its end.
      if (end < 0 || !/^HTTP\/1\.1 101 /.test(this.bytes.subarray(0, end).toString())) return;
      this.head = this.bytes.subarray(0, end).toString();
      this.bytes = this.bytes.subarray(end + 4);
      this.resolveUpgraded(true);
    }
    while (this.takeFrame());
    for (const look of [...this.waiting]) look();
  }

  takeFrame() {
    if (this.bytes.length < 2) return false;
    let length = this.bytes[1];
    let start = 2;
    assert.ok(length < 128, "a server masks nothing");
    if (length === 126) {
      if (this.bytes.length < 4) return false;
      length = this.bytes.readUInt16BE(2);
      start = 4;
    } else if (length === 127) {
      if (this.bytes.length < 10) return false;
      length = Number(this.bytes.readBigUInt64BE(2));
      start = 10;
    }
    if (this.bytes.length < start + length) return false;
    const opcode = this.bytes[0] & 0xf;
    const payload = this.bytes.subarray(start, start + length);
    if (opcode === 1) this.messages.push(payload.toString());
    if (opcode === 2) this.messages.push(Buffer.from(payload));
    if (opcode === 8) this.takeClose(payload);
    this.bytes = this.bytes.subarray(start + length);
    return true;
  }

  takeClose(payload) {
    this.closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    this.write(frame(payload, { opcode: 8 }));
  }

  /** The next message; undefined if the connection ended before one came. */
  message() {
    const found = new Promise((resolve) => {
      const look = () => {
        if (this.messages.length === 0 && !this.gone) return;
        this.waiting = this.waiting.filter((waiter) => waiter !== look);
        resolve(this.messages.shift());
      };
      this.waiting.push(look);
      look();
    });
    return within(found, "a message");
  }

  send(text, how) {
    this.write(frame(Buffer.from(text), how));
  }

  write(bytes) {
    if (!this.gone) this.socket.write(bytes);
  }

  /** Resolves to the code of the server's close frame, if it sent one, when the connection is over. */
  end() {
    return within(this.closed, "the server to hang up");
  }
}

module.exports = { Refusal, WebSocket, frame };

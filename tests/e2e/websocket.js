// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A WebSocket client that does as it is told, also what no client should: frames are made by hand.

"use strict";

const assert = require("node:assert/strict");
const { randomBytes } = require("node:crypto");
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

class WebSocket {
  constructor(socket) {
    this.socket = socket;
    this.bytes = Buffer.alloc(0);
    this.messages = [];
    this.closeCode = undefined; // of the hub's close frame
    this.gone = false;
    this.waiting = [];
    socket.on("error", () => {}); // the hub may hang up on us while we still talk
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        this.gone = true;
        resolve(this.closeCode);
        for (const look of [...this.waiting]) look();
      });
    });
    socket.on("data", (bytes) => this.take(bytes));
  }

  static async open(hub) {
    const socket = net.connect(hub.port, "127.0.0.1");
    socket.write(
      "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n" +
        `Host: 127.0.0.1:${hub.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    );
    const self = new WebSocket(socket);
    hub.t.after(() => socket.destroy());
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
    if (!this.upgraded) {
      const end = this.bytes.indexOf("\r\n\r\n");
      if (end < 0) return;
      assert.match(this.bytes.subarray(0, end).toString(), /^HTTP\/1\.1 101 /);
      this.upgraded = true;
      this.bytes = this.bytes.subarray(end + 4);
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
    if (opcode === 8) this.closeCode = length >= 2 ? payload.readUInt16BE(0) : 1005;
    this.bytes = this.bytes.subarray(start + length);
    return true;
  }

  /** The next text message; undefined if the connection ended before one came. */
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

  /** Resolves to the code of the hub's close frame, if it sent one, when the connection is over. */
  end() {
    return within(this.closed, "the hub to hang up");
  }
}

module.exports = { WebSocket, frame };

// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Usage: fork load.js PORT SESSIONS
//
// That many Engine.IO sessions, half of them by polling, each of which sends a message, waits for it to come back, and
// so on. Says "running" once each has had an echo, and at "end" how many echoes there were, how many sessions the server
// ended, and for how many ms at most this process was held up.

"use strict";

const { monitorEventLoopDelay } = require("node:perf_hooks");
const { setTimeout: sleep } = require("node:timers/promises");
const { Peer, Server } = require("./wire.js");

// ms between echo and next message: what is tested is the server, and this side has to answer its pings in time, too.
const pauses = { polling: 100, websocket: 20 };

const [port, sessions] = process.argv.slice(2).map(Number);
const server = Server.at(port, { after: () => {} });

const delay = monitorEventLoopDelay({ resolution: 5 });
let echoes = 0;
let lost = 0;
let ending = false;

async function echo(transport, onFirst) {
  const peer = await Peer.open(server, "/engine.io/", transport);
  for (let i = 0; !ending; i++) {
    peer.send(`4${transport} ${i}`);
    if ((await peer.next()) !== `4${transport} ${i}`) {
      if (!ending) lost++;
      return;
    }
    echoes++;
    if (i === 0) onFirst();
    await sleep(pauses[transport]);
  }
}

/** Resolves once it runs, or is lost. */
function run(transport) {
  return new Promise((resolve) => {
    echo(transport, resolve)
      .catch(() => lost++)
      .then(resolve);
  });
}

async function main() {
  delay.enable();
  // Not all at once: the first pings would be late.
  for (let i = 0; i < sessions; i += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, j) => run(j % 2 ? "polling" : "websocket")));
  }
  process.send("running");
}

process.on("message", () => {
  ending = true;
  process.send({ echoes, lost, delay: delay.max / 1e6 }, () => process.exit());
});

main();

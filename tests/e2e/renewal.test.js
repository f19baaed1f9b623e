// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// kill -9 while sessions are renewed, and best of all between the commit and the reply: nobody is signed out by it
// (reliability.md, G12). BUREAU_KILLS says how often; 30 times if it does not.

"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const net = require("node:net");
const path = require("node:path");
const runner = require("node:test");
const { Hub, within } = require("./hub.js");

const kills = Number(process.env.BUREAU_KILLS ?? 30);
const people = 20; // so many that each has its wait behind it when its turn comes again
const patience = 200; // ms for the commit to be seen

const refresh = (hub, refreshToken) => hub.post("/auth/refresh", { refreshToken });
const generation = (refreshToken) => Buffer.from(refreshToken, "base64url").readUInt32BE(16);

function writtenAt(file) {
  try {
    return fs.statSync(file, { bigint: true }).mtimeNs;
  } catch {
    return 0n; // there is none until the first commit
  }
}

/** Sends a request for renewal; resolves to a function that tells what has come back when all is over. */
async function send(hub, refreshToken) {
  const body = JSON.stringify({ refreshToken });
  const socket = net.connect(hub.port, "127.0.0.1");
  const answer = [];
  socket.on("data", (bytes) => answer.push(bytes));
  socket.on("error", () => {}); // the hub is killed
  const closed = new Promise((resolve) => socket.on("close", resolve));
  await new Promise((resolve) => {
    socket.write(
      `POST /api/v1/auth/refresh HTTP/1.1\r\nHost: 127.0.0.1:${hub.port}\r\nContent-Type: application/json\r\n` +
        `Connection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      resolve,
    );
  });
  return async () => {
    await within(closed, "the end of a killed hub's connection");
    const [head, json] = Buffer.concat(answer).toString().split("\r\n\r\n");
    if (!json) return undefined;
    assert.match(head, /^HTTP\/1\.1 200 /, json);
    return JSON.parse(json).refreshToken;
  };
}

/** Keeps the event loop from running, so that nothing comes between: until the log of the store is written to. */
function waitForCommit(file, before) {
  const end = Date.now() + patience;
  while (writtenAt(file) === before && Date.now() < end);
}

function waitAtRandom() {
  const end = process.hrtime.bigint() + BigInt(Math.floor(Math.random() * 3e6));
  while (process.hrtime.bigint() < end);
}

/** Renews a session whose reply was lost, as a client does: with the token it has. */
async function takeUp(hub, person, counts) {
  let answer = await refresh(hub, person.token);
  while (answer.status === 429) {
    await new Promise((resolve) => setTimeout(resolve, answer.body.error.retryAfterMs));
    answer = await refresh(hub, person.token);
  }
  assert.equal(answer.status, 200, `signed out by a kill: ${answer.text}`);
  const passed = generation(answer.body.refreshToken) - generation(person.token);
  assert.ok(passed === 1 || passed === 2);
  if (passed === 2) counts.committed++;
  person.token = answer.body.refreshToken;
}

runner.test(`${kills} kills while renewing sign nobody out`, { timeout: 60_000 + kills * 2_000 }, async (t) => {
  const hub = await Hub.office(t);
  const everybody = [];
  for (let i = 0; i < people; i++) {
    everybody.push({ token: (await hub.join(`Person ${i}`)).refreshToken, lost: false });
  }
  const log = path.join(hub.directory, "hub.db-wal");
  const counts = { answered: 0, lost: 0, committed: 0 };

  for (let round = 0; round < kills; round++) {
    const person = everybody[round % people];
    if (person.lost) await takeUp(hub, person, counts);
    const before = writtenAt(log);
    const finish = await send(hub, person.token);
    if (round % 4 === 3) waitAtRandom();
    else waitForCommit(log, before);
    await hub.stop("SIGKILL");
    const next = await finish();
    person.lost = next === undefined;
    if (person.lost) counts.lost++;
    else counts.answered++;
    person.token = next ?? person.token;
    await hub.start();
  }

  for (const person of everybody) {
    if (person.lost) await takeUp(hub, person, counts);
    const last = await refresh(hub, person.token);
    assert.equal(last.status, 200, last.text);
    assert.equal((await hub.get("/office", last.body.accessToken)).status, 200);
  }
  const { body } = await hub.command(hub.token("ana"), "audit:list", { limit: 100 });
  assert.deepEqual(body.entries.filter((entry) => entry.act === "token.reused"), []);
  t.diagnostic(`${kills} kills: ${counts.answered} answered, ${counts.lost} replies lost, ${counts.committed} of them ` +
    "after the commit");
  assert.ok(counts.committed > 0, "no kill came between a commit and its reply");
});

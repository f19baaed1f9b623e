// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One hub on a directory, whoever else begins at the same instant (reliability.md, G23 and F12).

"use strict";

const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { Hub, makeDirectory, program, run, test, within } = require("./hub.js");

const roundsAtATime = 20;
const rounds = Number(process.env.BUREAU_ROUNDS ?? roundsAtATime);
const hubsAtOnce = 3;

/** A hub that begins when it is let go: resolves to {line} if it serves, or to {code, errors} if it does not. */
function prepare(directory) {
  const child = spawn("sh", ["-c", 'read -r _; exec "$@"', "sh", program, "--data", directory, "--listen", "127.0.0.1:0"]);
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors += text;
  });
  const serves = new Promise((resolve) => child.stdout.once("data", (line) => resolve({ line: String(line) })));
  const ends = new Promise((resolve) => child.once("close", (code) => resolve({ code, errors, at: performance.now() })));
  return { child, begins: Promise.race([serves, ends]), ends, go: () => child.stdin.end("\n") };
}

async function compete(t) {
  const directory = makeDirectory(t);
  assert.equal(run("init", "--data", directory, "--office", "Studio", "--owner", "Ana").status, 0);
  let slowest = 0;
  for (let round = 0; round < roundsAtATime; round++) {
    const hubs = Array.from({ length: hubsAtOnce }, () => prepare(directory));
    t.after(() => hubs.forEach((hub) => hub.child.kill("SIGKILL")));
    const begun = performance.now();
    for (const hub of hubs) hub.go();
    const outcomes = await within(Promise.all(hubs.map((hub) => hub.begins)), "all of them");
    const refused = outcomes.filter((outcome) => outcome.line === undefined);
    assert.equal(refused.length, hubsAtOnce - 1, JSON.stringify(outcomes));
    for (const { code, errors, at } of refused) {
      assert.equal(code, 1);
      assert.match(errors, /^bureau-hub: Another hub is serving the office in \S+\.\n$/);
      slowest = Math.max(slowest, at - begun);
    }
    const server = hubs[outcomes.findIndex((outcome) => outcome.line !== undefined)];
    // The lock of one that was killed is nobody's.
    server.child.kill(round % 2 === 0 ? "SIGTERM" : "SIGKILL");
    await within(server.ends, "the hub's end");
  }
  t.diagnostic(`the slowest refusal took ${slowest.toFixed(0)} ms`);
  assert.equal(run("doctor", "--data", directory).status, 0);
}

for (let done = 0; done < rounds; done += roundsAtATime)
  test(`of hubs that begin at the same instant, one serves, ${roundsAtATime} times, after ${done}`, compete);

test("who is refused changes nothing", async (t) => {
  const hub = await Hub.office(t);
  const files = ["hub.db", "hub.db-wal", "hub.lock"].map((name) => path.join(hub.directory, name));
  const before = files.map((file) => fs.readFileSync(file));
  const second = prepare(hub.directory);
  second.go();
  assert.equal((await within(second.ends, "its end")).code, 1);
  assert.deepEqual(files.map((file) => fs.readFileSync(file)), before);
  assert.equal((await hub.get("/health")).status, 200);
});

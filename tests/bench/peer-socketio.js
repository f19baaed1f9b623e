// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The peer to measure against: the room fan-out of bench-server.c on Node, Socket.IO and better-sqlite3, as one would
// write it. Set up by the environment: PORT; CERT and KEY (files) for TLS; DB (a file) and SYNC (NORMAL or FULL) to
// write each event to SQLite before it is sent on.

"use strict";

const fs = require("node:fs");
const http = require("node:http");
const https = require("node:https");
const { Server } = require("socket.io");

const { PORT = "3000", CERT, KEY, DB, SYNC = "NORMAL" } = process.env;

function openStore(file) {
  const db = new (require("better-sqlite3"))(file);
  db.pragma("journal_mode = WAL");
  db.pragma(`synchronous = ${SYNC}`);
  db.exec(`CREATE TABLE IF NOT EXISTS task (id TEXT PRIMARY KEY, version INTEGER, body TEXT, updated INTEGER);
           CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY, task TEXT, kind TEXT, at INTEGER, body TEXT)`);
  const put = db.prepare(`INSERT INTO task VALUES (?, 1, ?, ?)
    ON CONFLICT (id) DO UPDATE SET version = version + 1, body = excluded.body, updated = excluded.updated`);
  const log = db.prepare("INSERT INTO event (task, kind, at, body) VALUES (?, 'update', ?, ?)");
  return db.transaction((task) => {
    const now = Date.now();
    const body = JSON.stringify(task);
    put.run(task.id, body, now);
    log.run(task.id, now, body);
  });
}

const store = DB ? openStore(DB) : () => {};
const server = CERT
  ? https.createServer({ cert: fs.readFileSync(CERT), key: fs.readFileSync(KEY), minVersion: "TLSv1.3" })
  : http.createServer();
const io = new Server(server, { serveClient: false, perMessageDeflate: false });

io.on("connection", (socket) => {
  socket.on("join", (room) => socket.join(room));
  socket.on("task:update", (task) => {
    store(task);
    io.to(task.project).emit("task:updated", task);
  });
});
server.listen(Number(PORT), "127.0.0.1", 4096, () => console.log(`ready ${server.address().port}`));

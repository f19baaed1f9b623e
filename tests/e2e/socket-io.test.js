// SPDX-FileCopyrightText: The Bureau authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Socket.IO v5 from outside: wire.md F1, 13 to 19, and the tables of B, each by polling and by WebSocket.

"use strict";

const assert = require("node:assert/strict");
const { randomBytes } = require("node:crypto");
const { Peer, hear, onServer, openWebSocket, pingInterval, pingTimeout, reach } = require("./wire.js");

const path = "/socket.io/";
const connectTimeout = 1000; // ms; the contract's
const placeholder = (num) => JSON.stringify({ _placeholder: true, num });

/** One test for each transport. */
function both(check, name, body) {
  for (const transport of ["polling", "websocket"]) {
    check(`${name}, by ${transport}`, (server) => body(server, transport));
  }
}

/** @packets close the session they are sent on, whichever it is. */
async function closes(server, transport, packets, open) {
  await Promise.all(
    packets.map(async (packet) => {
      const peer = await open(server, transport);
      peer.send(...[packet].flat());
      await peer.ends(String(packet));
    }),
  );
}

const enter = (server, transport) => Peer.enter(server, transport);
const open = (server, transport) => Peer.open(server, path, transport);

function contract(check) {
  both(check, "each namespace answers CONNECT, then tells what it was given", async (server, transport) => {
    for (const nsp of ["", "/custom,"]) {
      for (const auth of ["", "{}", '{"token":"abc"}', '{"b":1.50,"a":{"é":[null]}}']) {
        const peer = await open(server, transport);
        peer.send(`40${nsp}${auth}`);
        const answer = await peer.next();
        assert.equal(answer.slice(0, 2 + nsp.length), `40${nsp}`);
        const { sid, ...more } = JSON.parse(answer.slice(2 + nsp.length));
        assert.match(sid, /^[\w-]{20}$/);
        assert.deepEqual(more, {});
        const expected = JSON.stringify(JSON.parse(auth || "{}"));
        assert.equal(JSON.stringify(JSON.parse((await peer.next()).slice(2 + nsp.length))), `["auth",${expected}]`);
        await peer.lives(nsp);
      }
    }
  });

  both(check, "an event comes back as it was", async (server, transport) => {
    const peer = await Peer.enter(server, transport);
    for (const args of ['1,"2",{"3":[true]}', '{"z":1,"a":2,"1":3}', '"\u{1f600}\\u001e\\n"', "[[],{}]", "null,false,-0.5"]) {
      peer.send(`42["message",${args}]`);
      const back = await peer.next();
      if (args.startsWith("{")) assert.deepEqual(JSON.parse(back.slice(2)), ["message-back", ...JSON.parse(`[${args}]`)]);
      else assert.equal(back, `42["message-back",${args}]`);
    }
    peer.send('42["message"]');
    assert.equal(await peer.next(), '42["message-back"]');
  });

  both(check, "an event is acknowledged", async (server, transport) => {
    const peer = await Peer.enter(server, transport);
    const ask = async (packet, answer) => {
      peer.send(packet);
      assert.equal(await peer.next(), answer);
    };
    await ask('42456["message-with-ack",1,"2",{"3":[false]}]', '43456[1,"2",{"3":[false]}]');
    await ask('420["message-with-ack"]', "430[]");
    await ask('429007199254740991["message-with-ack",""]', '439007199254740991[""]');
    await peer.lives();
    const custom = await Peer.enter(server, transport, "/custom,");
    custom.send('42/custom,7["message-with-ack","x"]');
    assert.equal(await custom.next(), '43/custom,7["x"]');
    await custom.lives("/custom,");
  });

  both(check, "binary survives an event and an acknowledgement", async (server, transport) => {
    const peer = await Peer.enter(server, transport);
    const blobs = [Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6])];
    peer.send(`452-["message",${placeholder(0)},${placeholder(1)}]`, ...blobs);
    assert.equal(await peer.next(), `452-["message-back",${placeholder(0)},${placeholder(1)}]`);
    assert.deepEqual([await peer.next(), await peer.next()], blobs);
    peer.send(`452-789["message-with-ack",${placeholder(0)},${placeholder(1)}]`, ...blobs);
    assert.equal(await peer.next(), `462-789[${placeholder(0)},${placeholder(1)}]`);
    assert.deepEqual([await peer.next(), await peer.next()], blobs);
    await peer.lives();
  });

  both(check, "an unknown namespace is refused, and the connection stays", async (server, transport) => {
    const peer = await open(server, transport);
    for (const nsp of ["/random", "/custom?x=1", "/Custom", "/custom/", "/é", `/${"x".repeat(200)}`]) {
      peer.send(`40${nsp},`);
      assert.equal(await peer.next(), `44${nsp},{"message":"Invalid namespace"}`);
    }
    peer.send("40/random"); // without a comma
    assert.equal(await peer.next(), '44/random,{"message":"Invalid namespace"}');
    peer.send('40/random,{"token":"abc"}');
    assert.equal(await peer.next(), '44/random,{"message":"Invalid namespace"}');
    peer.send("40");
    assert.match(await peer.next(), /^40\{"sid"/);
  });

  both(check, "no Socket.IO packet as the first one closes", (server, transport) =>
    closes(server, transport, ["4abc", "4", "47", '42["message",1]', "43[]", "41", "40[]"], open));

  both(check, "who never connects is closed", async (server, transport) => {
    const asked = performance.now();
    const peer = await open(server, transport);
    await peer.ends();
    const lasted = performance.now() - asked;
    assert.ok(lasted >= connectTimeout && lasted < 2000, `after ${lasted} ms`);
  });

  check("leaving a namespace is not answered", async (server) => {
    const socket = await openWebSocket(server, path);
    socket.send("40");
    await socket.message();
    await socket.message();
    socket.send("41");
    assert.equal(await socket.message(), "2");
    socket.send("3");
    assert.equal(await socket.message(), "2");
  });

  both(check, "one namespace is left, and the other one lives on", async (server, transport) => {
    const peer = await Peer.enter(server, transport);
    peer.send("40/custom");
    assert.match(await peer.next(), /^40\/custom,\{"sid"/);
    assert.equal(await peer.next(), '42/custom,["auth",{}]');
    peer.send("41/custom");
    await peer.lives();
  });

  both(check, "a bad packet after CONNECT closes", (server, transport) =>
    closes(server, transport, ["4abc", "42{}", '42abc["message-with-ack",1]'], enter));
}

onServer("the contract", contract);
onServer("the contract under load", contract, 200);

onServer("packets", (check) => {
  // Table B4.
  both(check, "a malformed packet closes", (server, transport) =>
    closes(
      server,
      transport,
      [
        ...["4", "47", "49", "4-1", "4 2", "4abc", "40[]", "40null", '40"x"', "401", "40{", "40{}{}", '40{"a":1}x'],
        ...["41{}", "41[]", "431{}", "42{}", "42[]", "42[null]", "42[true]", "42[[]]", "42[{}]", '42"message"', "42null"],
        ...['42abc["message"]', '42-1["message"]', '421.5["message"]', '42 1["message"]', '42["message"', '42["message"]]'],
        ...['42["message"]x', "42['message']", '42["message",]', '42["message",01]', '42["message",\u001e1]', '42["message","\n"]'],
        ...["43{}", '431"x"', "431null", "43null", "44{}", '44"x"', "44", '44{"message":"x"}'],
        ...[`42${"9".repeat(1000)}["message"]`, `42["message",${"[".repeat(2000)}`],
      ].filter((packet) => transport === "websocket" || !packet.includes("\u001e")),
      enter,
    ));

  both(check, "a reserved name closes", (server, transport) => {
    const names = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];
    return closes(server, transport, names.map((name) => `42["${name}"]`), enter);
  });

  both(check, "a name that only looks reserved is ignored", async (server, transport) => {
    const peer = await Peer.enter(server, transport);
    peer.send('42["connection"]', '42["error"]', '42["Connect"]', '42["__proto__"]', '42["toString",1]', '42[""]');
    await peer.lives();
  });

  both(check, "an event without a name to it is nothing", async (server, transport) => {
    const peer = await Peer.enter(server, transport);
    peer.send("42", "42[7]", "42[7,8]", '42["unknown",1]', '425["unknown"]');
    await peer.lives();
  });

  both(check, "an escaped name is the name", async (server, transport) => {
    const peer = await Peer.enter(server, transport);
    peer.send('42["m\\u0065ssage",1]');
    assert.equal(await peer.next(), '42["message-back",1]');
  });

  both(check, "an acknowledgement that nobody asked for is ignored", async (server, transport) => {
    const peer = await Peer.enter(server, transport);
    peer.send("430[]", '43999["x"]', "43[]", "439007199254740991[1]");
    peer.send(`461-7[${placeholder(0)}]`, Buffer.from([1]));
    await peer.lives();
  });

  both(check, "a namespace that is not joined takes nothing", (server, transport) =>
    closes(server, transport, ['42/custom,["message"]', "41/custom,", "41/custom", "43/custom,1[]", '42/random,["x"]'], enter));

  both(check, "a namespace that was left takes nothing", (server, transport) =>
    closes(server, transport, [["41", '42["message"]'], ["41", "41"]], enter));

  both(check, "a namespace is joined once", (server, transport) => closes(server, transport, ["40", "40/,", "40{}"], enter));

  both(check, "a namespace may be joined again", async (server, transport) => {
    const peer = await Peer.enter(server, transport);
    for (let i = 0; i < 3; i++) {
      peer.send("41", '40{"again":1}');
      assert.match(await peer.next(), /^40\{"sid"/);
      assert.equal(await peer.next(), '42["auth",{"again":1}]');
      await peer.lives();
    }
  });

  both(check, "the main namespace may be named", async (server, transport) => {
    const peer = await open(server, transport);
    peer.send("40/,");
    assert.match(await peer.next(), /^40\{"sid"/);
    assert.equal(await peer.next(), '42["auth",{}]');
    peer.send('42/,["message",1]');
    assert.equal(await peer.next(), '42["message-back",1]');
  });

  both(check, "namespaces of one session are apart", async (server, transport) => {
    const peer = await Peer.enter(server, transport, "/custom,");
    peer.send('40{"token":"x"}');
    assert.match(await peer.next(), /^40\{"sid"/);
    assert.equal(await peer.next(), '42["auth",{"token":"x"}]');
    peer.send('420["message-with-ack","main"]', '42/custom,0["message-with-ack","custom"]', '42["message",1]');
    assert.deepEqual(
      [await peer.next(), await peer.next(), await peer.next()],
      ['430["main"]', '43/custom,0["custom"]', '42["message-back",1]'],
    );
  });

  both(check, "each connection has an id of its own", async (server, transport) => {
    const ids = new Set();
    const peer = await open(server, transport);
    for (const nsp of ["", "/custom,"]) {
      for (let i = 0; i < 5; i++) {
        peer.send(`40${nsp}`);
        ids.add(JSON.parse((await peer.next()).slice(2 + nsp.length)).sid);
        await peer.next();
        peer.send(`41${nsp}`);
      }
    }
    assert.equal(ids.size, 10);
    const sid = (peer.session ?? {}).sid;
    assert.equal(ids.has(sid), false, "it does not give away the session's secret");
  });

  both(check, "a hundred acknowledgements come in order", async (server, transport) => {
    const peer = await Peer.enter(server, transport);
    peer.send(...Array.from({ length: 100 }, (_, i) => `42${i}["message-with-ack",${i}]`));
    for (let i = 0; i < 100; i++) assert.equal(await peer.next(), `43${i}[${i}]`);
  });
});

onServer("connecting", (check) => {
  both(check, "a refused namespace does not stop the clock", async (server, transport) => {
    const asked = performance.now();
    const peer = await open(server, transport);
    peer.send("40/random");
    assert.match(await peer.next(), /^44/);
    await peer.ends();
    const lasted = performance.now() - asked;
    assert.ok(lasted >= connectTimeout && lasted < 2000, `after ${lasted} ms`);
  });

  both(check, "who has left the last namespace may join again", async (server, transport) => {
    const peer = await Peer.enter(server, transport);
    peer.send("41");
    await reach(performance.now(), 0.5 * connectTimeout);
    peer.send("40");
    assert.match(await peer.next(), /^40\{"sid"/);
    assert.equal(await peer.next(), '42["auth",{}]');
    await reach(performance.now(), 1.2 * connectTimeout);
    await peer.lives();
  });

  both(check, "events right behind CONNECT are taken where nobody has to think about it", async (server, transport) => {
    const peer = await open(server, transport);
    peer.send("40", '42["message",1]');
    assert.match((await peer.next()) ?? "", /^40\{"sid"/);
    assert.equal(await peer.next(), '42["auth",{}]');
    assert.equal(await peer.next(), '42["message-back",1]');
  });

  check("an upgrade keeps the connection and the order of its events", async (server) => {
    const peer = await Peer.enter(server, "polling");
    peer.send(...Array.from({ length: 20 }, (_, i) => `42["message",${i}]`));
    const socket = await peer.session.takeOver();
    for (let i = 20; i < 40; i++) socket.send(`42["message",${i}]`);
    const seen = [];
    const take = (packet) => seen.push(JSON.parse(packet.slice(2))[1]);
    for (let packet; (packet = await peer.next()) !== undefined; ) take(packet); // to the end of polling
    while (seen.length < 40) take(await hear(socket));
    assert.deepEqual(seen, Array.from({ length: 40 }, (_, i) => i));
  });

  check("half of a binary event by polling, and the rest by WebSocket", async (server) => {
    const peer = await Peer.enter(server, "polling");
    peer.send(`452-["message",${placeholder(0)},${placeholder(1)}]`, Buffer.from("one"));
    await peer.session.server.catchUp();
    const socket = await peer.session.takeOver();
    socket.send(Buffer.from("two"), { opcode: 2 });
    const back = [];
    while (back.length < 3) back.push(String(await hear(socket)));
    assert.deepEqual(back, [`452-["message-back",${placeholder(0)},${placeholder(1)}]`, "one", "two"]);
  });
});

onServer("binary", (check) => {
  both(check, "up to ten attachments come back as they were", async (server, transport) => {
    for (const count of [1, 2, 10]) {
      const peer = await Peer.enter(server, transport);
      const places = Array.from({ length: count }, (_, i) => placeholder(i)).join(",");
      const blobs = Array.from({ length: count }, (_, i) => randomBytes(i * i * i * 300));
      peer.send(`45${count}-["message",${places}]`, ...blobs);
      assert.equal(await peer.next(), `45${count}-["message-back",${places}]`);
      for (const blob of blobs) assert.deepEqual(await peer.next(), blob);
      await peer.lives();
    }
  });

  both(check, "placeholders may be anywhere", async (server, transport) => {
    const peer = await Peer.enter(server, transport, "/custom,");
    const args = `{"a":[${placeholder(0)},{"b":${placeholder(1)}}],"_placeholder":false},"x"`;
    peer.send(`452-/custom,12["message-with-ack",${args}]`, Buffer.from("first"), Buffer.alloc(0));
    assert.equal(await peer.next(), `462-/custom,12[${args}]`);
    assert.equal(String(await peer.next()), "first");
    assert.equal((await peer.next()).length, 0);
  });

  both(check, "attachments may come later, with heartbeats between", async (server, transport) => {
    const peer = await Peer.enter(server, transport);
    peer.send(`452-["message",${placeholder(0)},${placeholder(1)}]`);
    for (const text of ["one", "two"]) {
      await reach(performance.now(), pingInterval + pingTimeout);
      peer.send(Buffer.from(text));
    }
    assert.match(await peer.next(), /^452-\["message-back"/);
    assert.equal(String(await peer.next()), "one");
    assert.equal(String(await peer.next()), "two");
  });

  both(check, "a bad header closes", (server, transport) =>
    closes(
      server,
      transport,
      [
        ...["450-", "45-", "451", "45", "45[", "4511-", "45999999-", "45-1-", "451.0-", "45 1-", "46-", "460-"].map(
          (head) => `${head}["message",${placeholder(0)}]`,
        ),
        ...["450-[]", "451-[]", "451-{}", "451-[null]", '451-["connect"]', '451-["message"', "461-7{}"],
      ],
      enter,
    ));

  both(check, "a bad placeholder closes", (server, transport) =>
    closes(
      server,
      transport,
      [-1, 1, 2, 1e9, 0.5, "0", "x", null, true, [], {}]
        .map((num) => [`451-["message",${placeholder(num)}]`, Buffer.from("x")])
        .concat([['451-["message",{"_placeholder":true}]', Buffer.from("x")]]),
      enter,
    ));

  both(check, "eleven attachments close", async (server, transport) => {
    const places = Array.from({ length: 11 }, (_, i) => placeholder(i)).join(",");
    await closes(server, transport, [[`4511-["message",${places}]`, ...Array(11).fill(Buffer.from("x"))]], enter);
  });

  both(check, "an attachment that nobody announced closes", (server, transport) =>
    closes(server, transport, [[Buffer.from("x")], ['42["message",1]', Buffer.alloc(0)]], async (...where) => {
      const peer = await enter(...where);
      peer.inbox.push = (...packets) => packets.length; // what it may answer before is not looked at
      return peer;
    }));

  both(check, "one attachment too many closes, behind the answer", async (server, transport) => {
    const peer = await Peer.enter(server, transport);
    peer.send(`451-["message",${placeholder(0)}]`, Buffer.from("x"));
    assert.match(await peer.next(), /^451-/);
    assert.equal(String(await peer.next()), "x");
    peer.send(Buffer.from("y"));
    await peer.ends();
  });

  both(check, "text in place of an attachment closes", (server, transport) =>
    closes(
      server,
      transport,
      ['42["message",1]', "41", "40/custom", `451-["message",${placeholder(0)}]`, "43[]"].map((text) => [
        `451-["message",${placeholder(0)}]`,
        text,
      ]),
      enter,
    ));
});

# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of WebSocket, Engine.IO and Socket.IO as it takes to be present: connect, emit, answer pings."""

import base64
import json
import os
import socket
import struct
import threading
import urllib.parse

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Connection:
    """Somebody's connection to a hub, kept open by a thread until the program ends."""

    def __init__(self, uri, token):
        self.lock = threading.Lock()
        address = urllib.parse.urlsplit(uri)
        self.socket = socket.create_connection((address.hostname, address.port), timeout=20)
        self.stream = self.socket.makefile("rb")
        self._shake_hands(address.netloc)
        self.receive()  # the Engine.IO session
        self.send("40" + json.dumps({"token": token}))
        answer = self.receive()
        if not answer.startswith("40"):
            raise ConnectionError(f"the hub refused: {answer}")
        self.socket.settimeout(None)
        threading.Thread(target=self._listen, daemon=True).start()

    def emit(self, name, value):
        self.send("42" + json.dumps([name, value]))

    def _shake_hands(self, host):
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host}\r\n"
                             "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        status = self.stream.readline()
        if b" 101 " not in status:
            raise ConnectionError(f"the hub answered {status!r}")
        while self.stream.readline().strip():
            pass

    def send(self, text, opcode=TEXT):
        data = text if isinstance(text, bytes) else text.encode()
        mask = os.urandom(4)
        length = len(data)
        head = bytes([0x80 | opcode])
        head += bytes([0x80 | length]) if length < 126 else bytes([0x80 | 126]) + struct.pack("!H", length)
        with self.lock:
            self.socket.sendall(head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(data)))

    def receive(self):
        """The next message's text; pings of both layers are answered on the way."""
        text = b""
        while True:
            head = self.stream.read(2)
            if len(head) < 2:
                raise ConnectionError("the hub is gone")
            length = head[1] & 0x7F
            if length == 126:
                length = struct.unpack("!H", self.stream.read(2))[0]
            elif length == 127:
                length = struct.unpack("!Q", self.stream.read(8))[0]
            data = self.stream.read(length)
            opcode = head[0] & 0x0F
            if opcode == CLOSE:
                raise ConnectionError("the hub closed")
            if opcode == PING:
                self.send(data, PONG)
            if opcode >= CLOSE:
                continue
            text += data
            if not head[0] & 0x80:
                continue
            if text == b"2":
                self.send("3")
                text = b""
                continue
            return text.decode()

    def _listen(self):
        try:
            while True:
                self.receive()
        except (ConnectionError, OSError):
            pass

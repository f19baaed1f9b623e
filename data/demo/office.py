# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An office with made-up people, filled through the hub's public doors."""

import datetime
import json
import pathlib
import subprocess
import urllib.error
import urllib.request

from websocket import Connection

HERE = pathlib.Path(__file__).parent


def handle_of(name):
    return name.split()[0].lower()


class Office:
    """A hub of its own in a directory, and what office.json says is in it."""

    def __init__(self, directory, hub="bureau-hub"):
        self.plan = json.loads((HERE / "office.json").read_text(encoding="utf-8"))
        self.hub = hub
        self.data = pathlib.Path(directory) / "office"
        self.tokens = {}
        self.members = {}
        self.tasks = {}
        self.connections = []
        subprocess.run([hub, "init", "--data", self.data, "--office", self.plan["office"],
                        "--owner", self.plan["owner"]], check=True, stdout=subprocess.DEVNULL)
        self.process = subprocess.Popen([hub, "--data", self.data, "--listen", "127.0.0.1:0"],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        words = self.process.stdout.readline().split()
        if len(words) != 2:
            raise RuntimeError("the hub did not start")
        self.uri = words[1]

    def close(self):
        self.process.terminate()
        self.process.wait(15)

    # --- the doors

    def ask(self, path, body=None, token=None):
        request = urllib.request.Request(f"{self.uri}/api/v1{path}", method="GET" if body is None else "POST")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", "Bearer " + token)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {error.read().decode()}") from None

    def token(self, handle):
        """An access token that lasts as long as the demo."""
        if handle not in self.tokens:
            done = subprocess.run([self.hub, "token", "--data", self.data, "--user", handle, "--minutes", "1440"],
                                  check=True, stdout=subprocess.PIPE, text=True)
            self.tokens[handle] = done.stdout.strip()
        return self.tokens[handle]

    def give(self, handle, command, **fields):
        return self.ask(f"/commands/{command}", fields, self.token(handle))

    def invite(self, role):
        """The link of an invitation for one person."""
        owner = handle_of(self.plan["owner"])
        return self.give(owner, "member:invite", role=role)["invitation"]["link"]

    # --- filling it

    def join(self, person):
        """Lets in somebody who has no window."""
        secret = self.invite(person["role"]).rsplit(".", 1)[-1].rsplit("/", 1)[-1]
        self.ask("/auth/join", {"code": secret, "name": person["name"], "device": "demo"})

    def fill(self):
        """Everybody is in; now for what they are at."""
        owner = handle_of(self.plan["owner"])
        for member in self.ask("/office", token=self.token(owner))["members"]:
            self.members[member["handle"]] = member["id"]
        for project in self.ask("/office", token=self.token(owner))["projects"]:
            self.give(owner, "project:archive", id=project["id"])
        for person in self.plan["people"]:
            self.give(handle_of(person["name"]), "member:update_self", color=person["color"])
        for project in self.plan["projects"]:
            self._make_project(project)
        for timer in self.plan["timers"]:
            self.give(timer["who"], "timer:start", taskId=self.tasks[timer["task"]],
                      startTime=self._instant(-timer["minutes"]))

    def _make_project(self, plan):
        owner = handle_of(self.plan["owner"])
        project = self.give(owner, "project:create", name=plan["name"], key=plan["key"], color=plan["color"],
                            memberIds=list(self.members.values()))["project"]
        for task in plan["tasks"]:
            fields = {"projectId": project["id"], "title": task["title"], "status": task["status"],
                      "priority": task["priority"], "assigneeIds": [self.members[who] for who in task["who"]]}
            if "description" in task:
                fields["description"] = task["description"]
            if "due" in task:
                fields["dueAt"] = (datetime.date.today() + datetime.timedelta(task["due"])).isoformat()
            self.tasks[task["title"]] = self.give(task["by"], "task:create", **fields)["task"]["id"]

    @staticmethod
    def _instant(minutes):
        then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
        return then.strftime("%Y-%m-%dT%H:%M:%S.000Z")

    def be_present(self):
        """Connects those who have no window, for the others to see."""
        for person in self.plan["people"]:
            if "presence" not in person:
                continue
            connection = Connection(self.uri, self.token(handle_of(person["name"])))
            connection.emit("presence:update", {"status": person["presence"]})
            if "viewing" in person:
                connection.emit("presence:viewing", {"taskId": self.tasks[person["viewing"]]})
            self.connections.append(connection)

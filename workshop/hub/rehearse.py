"""Rehearse a hub: its users log in, pull the notebooks, and run chapters, all at the same time.

    HUB_PASSWORD=... python rehearse.py --users 10 --repo ADDRESS --branch gh-pages

Each user has every chapter open at once, a kernel each. measured.md gets what one user and
all of them met, and what 30 need by that.
"""

import json
import os
import sys
import uuid
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from urllib.parse import quote

import psutil
import requests
import websocket

CHAPTERS = ["01-three-tensors", "08-classifier"]
PEAK = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


@dataclass(frozen=True)
class Run:
    """What a user met in a chapter: seconds, and MB of its kernel."""

    chapter: str
    whole: float
    longest: float
    peak: float
    processor: float


class User:
    """A user of the hub, logged in with a server of its own.

    Args:
        hub: address of the hub.
        name: of the user.
    """

    def __init__(self, hub: str, name: str) -> None:
        self.hub, self.name = hub, name
        self.session = requests.Session()
        began = perf_counter()
        self._log_in()
        self._start()
        self.waited = perf_counter() - began

    def _log_in(self) -> None:
        """Log in by the form, as a person does, and ask for a token for the rest."""
        self.session.get(f"{self.hub}/hub/login").raise_for_status()
        form = {"username": self.name, "password": os.environ["HUB_PASSWORD"]}
        form["_xsrf"] = self._guard()
        self.session.post(f"{self.hub}/hub/login", data=form, allow_redirects=False)
        self.session.get(f"{self.hub}/hub/home").raise_for_status()
        made = self.session.post(
            f"{self.hub}/hub/api/users/{self.name}/tokens",
            headers={"X-XSRFToken": self._guard(), "Referer": f"{self.hub}/hub/home"},
        )
        made.raise_for_status()
        self.token = {"Authorization": f"token {made.json()['token']}"}
        self.session = requests.Session()
        self.session.headers.update(self.token)

    def _guard(self) -> str:
        return next(it.value for it in self.session.cookies if it.name == "_xsrf")

    def _start(self) -> None:
        about = f"{self.hub}/hub/api/users/{self.name}"
        if not self.session.get(about).json()["server"]:
            self.session.post(f"{about}/server").raise_for_status()
        for _ in range(240):
            if self.session.get(about).json()["server"]:
                return
            sleep(0.5)
        raise TimeoutError(f"the server of {self.name} did not start in two minutes")

    def api(self, path: str) -> str:
        """Return an address of the user's own server."""
        return f"{self.hub}/user/{self.name}/api/{path}"

    def pull(self, repo: str, branch: str) -> None:
        """Bring the notebooks as a link of nbgitpuller does."""
        asked = f"git-pull/api?repo={quote(repo, safe='')}&branch={branch}&targetpath=book"
        with self.session.get(f"{self.hub}/user/{self.name}/{asked}", stream=True) as told:
            lines = [json.loads(it[6:]) for it in told.iter_lines() if it.startswith(b"data: ")]
        if lines[-1]["phase"] != "finished":
            raise RuntimeError(f"the notebooks did not come: {lines[-1]}")

    def memory(self) -> float:
        """Return the MB of the user's server and kernels together, shared pages counted once."""
        return self.session.get(self.api("metrics/v1")).json()["pss"] / 1e6

    def run(self, chapter: str) -> Run:
        """Run a chapter from the top, cell by cell, and leave it open."""
        path = f"book/study/{chapter}.ipynb"
        cells = self.session.get(self.api(f"contents/{path}")).json()["content"]["cells"]
        asked = {"path": path, "name": chapter, "type": "notebook", "kernel": {"name": "python3"}}
        began = perf_counter()
        made = self.session.post(self.api("sessions"), json=asked)
        made.raise_for_status()
        channel = self.api(f"kernels/{made.json()['kernel']['id']}/channels")
        socket = websocket.create_connection(
            channel.replace("http", "ws", 1), header=self.token, timeout=1800
        )
        seconds = []
        for cell in (it for it in cells if it["cell_type"] == "code"):
            start = perf_counter()
            reply, _ = execute(socket, cell["source"])
            seconds.append(perf_counter() - start)
            expected = "raises-exception" in cell["metadata"].get("tags", [])
            if reply["status"] != "ok" and not expected:
                raise RuntimeError(f"{self.name}, {chapter}: {reply['evalue']}")
        whole = perf_counter() - began
        _, peak = execute(socket, PEAK)
        _, processor = execute(socket, "import time; print(time.process_time())")
        return Run(chapter, whole, max(seconds), int(peak) / 1e3, float(processor))


def execute(socket: websocket.WebSocket, code: str) -> tuple[dict, str]:
    """Run code in a kernel; return its reply, and what it printed."""
    ident = uuid.uuid4().hex
    header = {"msg_id": ident, "msg_type": "execute_request", "username": "", "session": ident}
    content = {"code": code, "silent": False, "stop_on_error": False, "allow_stdin": False}
    message = {"header": header | {"version": "5.3"}, "parent_header": {}, "metadata": {}}
    socket.send(json.dumps(message | {"content": content, "channel": "shell", "buffers": []}))
    reply, printed, idle = None, "", False
    while reply is None or not idle:
        frame = socket.recv()
        if isinstance(frame, bytes):  # the state of a widget, with its buffers
            continue
        told = json.loads(frame)
        if told["parent_header"].get("msg_id") != ident:
            continue
        if told["msg_type"] == "execute_reply":
            reply = told["content"]
        elif told["msg_type"] == "stream":
            printed += told["content"]["text"]
        elif told["msg_type"] == "status":
            idle = told["content"]["execution_state"] == "idle"
    return reply, printed


def rehearse(hub: str, names: list[str], repo: str, branch: str) -> tuple[list[User], list[Run]]:
    """Let users log in, pull, and run every chapter, all at the same time."""
    with ThreadPoolExecutor(len(names)) as seats:
        users = list(seats.map(lambda name: User(hub, name), names))
        list(seats.map(lambda user: user.pull(repo, branch), users))
    pairs = [(user, chapter) for user in users for chapter in CHAPTERS]
    with ThreadPoolExecutor(len(pairs)) as seats:
        return users, list(seats.map(lambda pair: pair[0].run(pair[1]), pairs))


def table(runs: dict[int, list[Run]]) -> str:
    """Return a row for each chapter and number of users."""
    lines = ["| chapter | users | seconds, half of them | the last | longest cell | kernel, MB |"]
    lines += ["| --- | --- | --- | --- | --- | --- |"]
    for chapter in CHAPTERS:
        for count, all_runs in runs.items():
            own = [run for run in all_runs if run.chapter == chapter]
            whole = [run.whole for run in own]
            lines.append(
                f"| {chapter} | {count} | {median(whole):.0f} | {max(whole):.0f}"
                f" | {max(run.longest for run in own):.0f} | {max(run.peak for run in own):.0f} |"
            )
    return "\n".join(lines)


def report(alone: tuple[list[User], list[Run]], together: tuple[list[User], list[Run]]) -> str:
    """Return what one user and all of them met, and what 30 need by that."""
    (first,), (users, runs) = alone[0], together
    each = max(user.memory() for user in users) / 1e3
    one = each - min(run.peak for run in runs) / 1e3
    spent = {it: [run.processor for run in runs if run.chapter == it] for it in CHAPTERS}
    processor = round(sum(map(median, spent.values())))
    memory = psutil.virtual_memory().total / 1e9
    slowest = max(user.waited for user in users)
    rows = [
        ("users, each with these chapters open at the same time", len(users)),
        ("cores and GB of the machine, hub and users together", f"{os.cpu_count()}, {memory:.0f}"),
        ("seconds from log-in to a running server, alone", f"{first.waited:.0f}"),
        ("the same together, the last of them", f"{slowest:.0f}"),
        ("MB of a user's server and kernels", f"{1e3 * each:.0f}"),
        ("seconds of a processor that the chapters take", f"{processor}"),
        ("**30 users**: GB, these chapters open", f"{30 * each:.0f}"),
        ("**30 users**: GB, the larger of them open", f"{30 * one:.0f}"),
        ("**30 users**: cores, all done within 5 minutes", f"{30 * processor / 300:.1f}"),
        ("**30 users**: cores, all done within 10 minutes", f"{30 * processor / 600:.1f}"),
    ]
    listed = "\n".join(f"| {what} | {number} |" for what, number in rows)
    waits = table({1: alone[1], len(users): runs})
    return f"# A rehearsal\n\n| | |\n| --- | --- |\n{listed}\n\n{waits}\n"


def main() -> int:
    parser = ArgumentParser(prog="python rehearse.py")
    parser.add_argument("--hub", default="http://127.0.0.1:8000")
    parser.add_argument("--users", type=int, default=10)
    parser.add_argument("--repo", required=True, help="where the notebooks are pulled from")
    parser.add_argument("--branch", default="gh-pages")
    asked = parser.parse_args()
    names = [f"seat{k:02}" for k in range(1, asked.users + 2)]
    alone = rehearse(asked.hub, names[:1], asked.repo, asked.branch)
    text = report(alone, rehearse(asked.hub, names[1:], asked.repo, asked.branch))
    Path(__file__).with_name("measured.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

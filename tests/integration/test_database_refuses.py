"""A database that cannot be used is named in one line: TLS, certificates, passwords. What may pass is waited for."""

import asyncio
import contextlib
import ssl
import struct
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from deploy.embedded.kafka_security import make_authority, make_certificate
from shared import settings
from shared.database.refusal import DatabaseRefusesError
from shared.process.process import Process
from shared.settings import ServiceSettings
from tests.runtime_probe.service import SERVICE

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, a server's certificate that it signed, and a stranger's authority."""
    folder = tmp_path_factory.mktemp("certificates")
    make_authority(folder)
    make_authority(folder, "stranger")
    make_certificate(folder, "server", "DNS:database.example.test")
    return folder


@contextlib.asynccontextmanager
async def server(certificate: Path | None) -> AsyncGenerator[int]:
    """What stands where PostgreSQL should: it offers TLS with this certificate, or none."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ssl.SSLError, ConnectionError, asyncio.IncompleteReadError):
            assert await reader.readexactly(8) == _SSL_REQUEST
            writer.write(b"N" if certificate is None else b"S")
            await writer.drain()
            if certificate is not None:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(certificate)
                await writer.start_tls(context)
                await reader.read(100)
        writer.close()

    listening = await asyncio.start_server(meet, "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1]


def process(url: str) -> Process:
    values = {
        "kafka_bootstrap_servers": "127.0.0.1:1",
        "database_url": url,
        "http_port": 0,
        "retry_first_seconds": 0.05,
    }
    return Process(SERVICE, ServiceSettings.model_validate(values))


@pytest.mark.parametrize(
    ("offers", "query", "said"),
    [
        ("server.pem", "sslmode=verify-full&sslrootcert={folder}/stranger.pem", "is not trusted"),
        ("server.pem", "sslmode=verify-full&sslrootcert={folder}/ca.pem", "of another name"),
        ("server.pem", "sslmode=verify-full", "root certificate file"),
        ("server.pem", "sslmode=sure", "must be one of: disable"),
        (None, "sslmode=require", "offers no TLS"),
    ],
    ids=["unknown authority", "another name", "no authority named", "no such mode", "no TLS"],
)
async def test_what_waiting_does_not_mend_ends_the_start_with_one_line(
    certificates: Path, offers: str | None, query: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HOME", str(tmp_path))  # no ~/.postgresql/root.crt
    async with server(certificates / offers if offers else None) as port:
        url = f"postgresql://probe:secret@127.0.0.1:{port}/probe?{query.format(folder=certificates)}"
        with pytest.raises(DatabaseRefusesError, match=said) as refused:
            await asyncio.wait_for(process(url).run(), 10)

    assert "secret" not in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("parameter", ["sslrootcert", "sslcert", "sslkey"])
def test_a_file_that_is_not_there_is_named_before_anything_starts(parameter: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL_PROBE", f"postgresql://probe@127.0.0.1/probe?{parameter}=/not/there.pem")

    with pytest.raises(ValueError, match=r"DATABASE_URL_PROBE") as refused:
        settings.read(ServiceSettings, "probe")
    assert "cannot read /not/there.pem: No such file or directory" in str(refused.value)


async def test_a_wrong_password_is_said_in_the_servers_words_and_waited_for(stack_environment: dict[str, str]):
    right = stack_environment["DATABASE_URL_CLAIMS"]
    waiting = process(right.replace("://claims:", "://claims:wrong"))
    with capture_logs() as logged:
        running = asyncio.create_task(waiting.run())
        for _ in range(200):
            if logged:
                break
            await asyncio.sleep(0.05)
        waiting.stopping.set()
        await running

    assert logged[0]["event"] == "cannot open the database yet"
    assert 'password authentication failed for user "claims"' in logged[0]["reason"]

"""How a process starts, says how it is, and ends: right settings or one clear line, health, metrics, logs."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from deploy.embedded.ports import Port
from shared.events.topics import ALL
from shared.kafka import creating_topics
from shared.process.process import ConsumeLoopEndedError, Process
from shared.settings import ServiceSettings
from tests.runtime_probe.service import SERVICE
from tests.shared.probe_events import confirmed

pytestmark = pytest.mark.xdist_group("kafka")

GOOD = {"PROBE_NAME": "probe", "DATABASE_URL_PROBE": "postgresql://someone:secret@127.0.0.1:1/none"}
NOWHERE = {**GOOD, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "HTTP_PORT": "0"}


def started(**environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.runtime_probe.service", "run"]
    return subprocess.run(
        command, env={"PATH": os.environ["PATH"], **environment}, capture_output=True, text=True, timeout=20
    )


def test_a_wrong_setting_stops_the_start_with_one_clear_line():
    done = started(**{**GOOD, "BATCH_RECORDS": "many"})

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("probe cannot start: BATCH_RECORDS: Input should be a valid integer")


def test_a_port_that_is_taken_stops_the_start_with_one_clear_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = started(**{**NOWHERE, "HTTP_PORT": str(taken.getsockname()[1])})

    assert done.returncode == 3
    assert "HTTP_PORT" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_stop_while_the_database_is_not_there_yet_is_a_good_end():
    command = [sys.executable, "-m", "tests.runtime_probe.service", "run"]
    with subprocess.Popen(
        command, env={"PATH": os.environ["PATH"], **NOWHERE}, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stderr is not None
        assert "cannot open the database yet" in child.stderr.readline()
        child.send_signal(signal.SIGTERM)
        rest = child.stderr.read()

    assert child.returncode == 0
    assert "stopped" in rest.splitlines()[-1]
    assert "secret" not in rest


async def test_all_topics_are_created_as_the_list_says(kafka):
    await asyncio.gather(*(creating_topics.create(kafka) for _ in range(3)))

    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    described = {topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics()}
    await admin.close()
    wanted = {topic.name: topic.partitions for topic in ALL} | {topic.dead: 1 for topic in ALL}
    assert {name: described.get(name) for name in wanted} == wanted


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


METRICS = (
    'consumer_lag{group="',
    'handled_total{type="SessionConfirmed"}',
    "batch_seconds_bucket",
    "commit_seconds_bucket",
    "retries_total",
    "rebalances_total",
    'set_aside_total{parked="true",topic="sessions"}',
    "parked_keys 1.0",
    "outbox_age_seconds",
    "database_connections_used",
    "published_total",
)


async def test_a_running_process_tells_its_health_and_its_metrics(probe):
    port = Port()
    process = await probe.start(http_port=port.number)
    await probe.send(confirmed(f"{probe.mark}-a", "s"), confirmed(f"{probe.mark}-b", "s", "poison"))
    await probe.until(lambda: process.pool.fetchval("select true from set_aside"))
    await probe.until(lambda: probe.handled(1))
    url = f"http://127.0.0.1:{port.number}"

    for path in ("live", "ready", "started"):
        code, text = await asyncio.to_thread(get, f"{url}/health/{path}")
        assert (code, json.loads(text)["ok"]) == (200, True), text
    code, text = await asyncio.to_thread(get, f"{url}/metrics")
    assert [wanted for wanted in METRICS if wanted not in text] == []


async def test_liveness_sees_a_dead_consume_loop_and_the_process_ends(probe):
    process = await probe.start()
    assert all(process.alive().values())

    for task in process.subscriptions[0].subscriber.tasks:
        task.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert process.alive()[f"group {probe.name}"] is False
    _, running = probe.started.pop()
    with pytest.raises(ConsumeLoopEndedError):
        await asyncio.wait_for(running, 10)


async def test_a_process_is_not_ready_before_its_database_is_there():
    settings = ServiceSettings.model_validate(
        {"kafka_bootstrap_servers": "127.0.0.1:1", "database_url": GOOD["DATABASE_URL_PROBE"], "http_port": 0}
    )
    process = Process(SERVICE, settings)
    running = asyncio.create_task(process.run())
    await asyncio.sleep(0.1)

    assert await process.ready() == {"migrations": False, "consumers": False}
    assert process.alive() == {}
    process.stopping.set()
    began = time.monotonic()
    await running
    assert time.monotonic() - began < 2

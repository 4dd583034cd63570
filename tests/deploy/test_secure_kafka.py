"""Kafka with TLS, SCRAM and rights: every service runs with what `deploy/kafka/acls.csv` grants it, and no more."""

import asyncio
import base64
import json
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAuthorizationFailedError

from deploy.embedded.kafka_security import make_authority, make_certificate
from deploy.embedded.services import Services
from deploy.embedded.stack import SERVICES, Stack
from shared.kafka import access_rules, creating_topics
from shared.kafka.kafka_access import KafkaAccess, KafkaRefusesError

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("secure kafka")]
RULES = access_rules.read((Path(__file__).parents[2] / "deploy" / "kafka" / "acls.csv").read_text())


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with Stack.start(environ={}, secure=True, fsync=False) as running:
        asyncio.run(access_rules.grant(KafkaAccess.to(running.kafka_bootstrap), RULES))
        while asyncio.run(creating_topics.missing(access(running, "notification"), ["clients"])):
            time.sleep(0.1)  # the brokers hear of the rights a moment later
        yield running


def access(stack: Stack, user: str = "claims", **changes: Any) -> KafkaAccess:
    assert stack.secure is not None
    settings = {name.lower(): value for name, value in stack.secure.client_environment(user).items()}
    settings["kafka_bootstrap_servers"] = stack.cluster.clients_address
    return KafkaAccess.to(**{"bootstrap_servers": stack.cluster.clients_address, **settings, **changes})


def test_the_rights_are_those_of_the_handlers():
    for name in SERVICES:
        service = import_module(f"services.{name}.app").SERVICE
        topics = {*service.topics, *filter(None, [service.interchange_topic])}
        granted = {rule.name for rule in RULES if rule.user == name and rule.operation == "describe_configs"}
        assert granted == topics | {f"{topic}.dead" for topic in topics}
        refuses = [rule for rule in RULES if (rule.user, rule.name, rule.operation) == (name, "upstream", "write")]
        assert bool(refuses) == bool(service.answers_for)
    assert not [rule for rule in RULES if rule.operation == "create"]


def test_every_service_runs_with_its_own_rights_alone(stack: Stack):
    services = Services(stack)
    services.start(dict.fromkeys(SERVICES, 1))
    services.wait(120)
    services.stop()


async def test_a_service_may_not_write_what_is_not_its_own(stack: Stack):
    producer = AIOKafkaProducer(**access(stack, "notification").client_options())
    await producer.start()
    try:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait("settlement", b"{}", b"client")
    finally:
        await producer.stop()


async def test_a_service_may_not_read_what_it_has_no_handler_for_nor_make_topics(stack: Stack):
    assert await creating_topics.missing(KafkaAccess.to(stack.kafka_bootstrap), ["payments", "clients"]) == []
    assert await creating_topics.missing(access(stack, "notification"), ["payments", "clients"]) == ["payments"]
    with pytest.raises(KafkaError):
        await creating_topics.create(access(stack, "notification"))


async def test_what_is_refused_is_said_within_seconds(stack: Stack, tmp_path: Path):
    make_authority(tmp_path, "stranger")
    refused = {
        "credentials of claims": access(stack, kafka_password="wrong"),
        "not trusted": access(stack, kafka_ca_file=str(tmp_path / "stranger.pem")),
        "does not offer SCRAM-SHA-256": access(stack, kafka_sasl_mechanism="SCRAM-SHA-256"),
    }
    for said, wrong in refused.items():
        began = time.monotonic()
        with pytest.raises(KafkaRefusesError, match=said):
            await wrong.check()
        assert time.monotonic() - began < 6

    with pytest.raises(KafkaConnectionError):
        await KafkaAccess.to("127.0.0.1:1").check()


async def test_a_token_of_a_command_is_taken(stack: Stack):
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    now = time.time()
    token = f"{part({'alg': 'none'})}.{part({'sub': 'claims', 'iat': now - 5, 'exp': now + 300})}."
    by_token = access(stack, kafka_sasl_mechanism="OAUTHBEARER", kafka_token_command=f"echo {token}")

    await by_token.check()
    assert await creating_topics.missing(by_token, ["claims"]) == []
    with pytest.raises(KafkaError):
        await creating_topics.create(by_token)


@pytest.mark.parametrize("protocol", ["SASL_SSL", "SASL_PLAINTEXT"])
async def test_a_plain_password_is_taken_with_tls_and_without(stack: Stack, protocol: str):
    servers = stack.cluster.clients_address if protocol == "SASL_SSL" else _listener(stack, protocol)
    plain = {"kafka_security_protocol": protocol, "kafka_sasl_mechanism": "PLAIN", "kafka_bootstrap_servers": servers}

    await access(stack, **plain).check()
    assert await creating_topics.missing(access(stack, **plain), ["claims"]) == []
    with pytest.raises(KafkaRefusesError, match="credentials of claims"):
        await access(stack, **plain, kafka_password="wrong").check()


def test_a_service_runs_with_a_plain_password(stack: Stack):
    plain = {"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_SASL_MECHANISM": "PLAIN"}
    services = Services(stack, {**plain, "KAFKA_BOOTSTRAP_SERVERS": _listener(stack, "SASL_PLAINTEXT")})
    services.add("coverage")
    services.wait(120)
    services.stop()


async def test_a_renewed_client_certificate_is_taken_up_by_the_connections_made_from_then_on(
    stack: Stack, tmp_path: Path
):
    assert stack.secure is not None
    folder, ca_file = stack.secure.folder, stack.secure.ca_file
    for user in ("claims", "notification"):
        make_certificate(folder, user, f"DNS:{user}")
    file, key = tmp_path / "client.crt", tmp_path / "client.key"

    def renew(user: str, *suffixes: str) -> None:
        for suffix in suffixes:
            (tmp_path / f"client.{suffix}").write_bytes((folder / f"{user}.{suffix}").read_bytes())

    async def may_write(topic: str) -> bool:
        producer = AIOKafkaProducer(**by_certificate.client_options())
        await producer.start()
        try:
            await producer.send_and_wait(topic, b"{}", b"client")
        except TopicAuthorizationFailedError:
            return False
        finally:
            await producer.stop()
        return True

    renew("claims", "crt", "key")
    by_certificate = KafkaAccess.to(
        _listener(stack, "SSL"),
        kafka_security_protocol="SSL",
        kafka_ca_file=str(ca_file),
        kafka_certificate_file=str(file),
        kafka_key_file=str(key),
    )
    assert await may_write("claims")

    renew("notification", "crt")
    with pytest.raises(OSError, match=r"(?i)key"):
        by_certificate.reload_certificates()
    assert await may_write("claims"), "its key has not come yet: the old certificate stays"

    renew("notification", "key")
    by_certificate.reload_certificates()
    assert not await may_write("claims")
    assert await may_write("notification")


async def test_without_a_client_certificate_the_refusal_names_the_setting(stack: Stack):
    assert stack.secure is not None
    without = KafkaAccess.to(
        _listener(stack, "SSL"), kafka_security_protocol="SSL", kafka_ca_file=str(stack.secure.ca_file)
    )

    with pytest.raises(KafkaRefusesError, match="KAFKA_CERTIFICATE_FILE"):
        await without.check()


def _listener(stack: Stack, name: str) -> str:
    return ",".join(broker.address_of(name) for broker in stack.cluster.brokers)


def test_a_service_with_a_wrong_password_ends_with_one_line(stack: Stack):
    services = Services(stack, {"KAFKA_PASSWORD": "wrong"})
    replica = services.add("claims")
    began = time.monotonic()

    assert replica.child.wait_end(60)
    assert replica.child.process.returncode == 3
    assert "refuses the credentials of claims" in replica.child.tail(1)
    assert time.monotonic() - began < 45  # most of it is the start of Python and the migrations on a busy machine

"""The AsyncAPI document says what a publisher must know, and what it says is what the code does."""

import json

import pytest

from shared.events import envelope, schemas
from shared.events.catalogue import CATALOGUE
from shared.events.contract.asyncapi_document import key_template
from shared.events.topics import ALL
from shared.runtime.deadletter import Incoming
from shared.runtime.message import decode

DOCUMENT = json.loads(schemas.ASYNCAPI.read_text())


def test_every_topic_is_there_with_its_settings_and_its_dead_letters():
    for topic in ALL:
        kafka = DOCUMENT["channels"][topic.name]["bindings"]["kafka"]
        assert kafka["partitions"] == topic.partitions
        assert kafka["topicConfiguration"]["max.message.bytes"] == topic.max_message_bytes
        assert DOCUMENT["channels"][topic.dead]["address"] == topic.dead


def test_references_lead_somewhere():
    def references(part):
        if isinstance(part, dict):
            if "$ref" in part:
                yield part["$ref"]
            for value in part.values():
                yield from references(value)
        elif isinstance(part, list):
            for value in part:
                yield from references(value)

    for reference in references(DOCUMENT):
        if not reference.startswith("#/"):
            assert (schemas.HERE / reference).exists()
            continue
        node = DOCUMENT
        for name in reference[2:].split("/"):
            node = node[name]


@pytest.mark.parametrize("kind", sorted(CATALOGUE))
def test_an_example_with_its_key_is_read(kind: str):
    message = DOCUMENT["components"]["messages"][kind]
    key = message["bindings"]["kafka"]["key"]["examples"][0]
    value = envelope.dumps(message["examples"][0]["payload"]).encode()

    read = decode(Incoming(CATALOGUE[kind].topic, key, value, (), "x/0/1"), None)

    assert (read.unreadable, type(read.event)) == (None, CATALOGUE[kind])


@pytest.mark.parametrize(
    ("kind", "template"),
    [
        ("sessions.session.confirmed.v1", "<client_id>"),
        ("directory.payer.listed.v1", "payer:<payer_id>"),
        ("directory.provider.credentialed.v1", "credential:<provider_id>:<payer_id>:<state>:<from_day>"),
        ("directory.rate.agreed.v1", "rate:<payer_id>:<provider_id>:<procedure>:<from_day>"),
    ],
)
def test_the_key_of_a_message_is_a_template(kind: str, template: str):
    assert key_template(CATALOGUE[kind]) == template

"""The contract as others see it: CloudEvents as its SDK reads and writes them, schemas, examples kept for ever."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cloudevents.core.bindings import http, kafka
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import TypeAdapter, ValidationError

from shared.events import envelope, schemas
from shared.events.catalogue import CATALOGUE
from shared.events.contract import family
from shared.events.contract.schema import envelope_schema
from shared.events.envelope import UnreadableError
from shared.events.examples import example
from shared.events.types import Day

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MODELS = sorted(CATALOGUE.items())
EXAMPLES = sorted(schemas.EXAMPLES.rglob("*.json"))
every_event = pytest.mark.parametrize("model", [model for _, model in MODELS], ids=[name for name, _ in MODELS])


def caused(model):
    event = model.model_validate(example(model))
    return envelope.follow(
        event, cause_id="cause", ordinal=1, source="/test", now=NOW, correlation_id="order-1", trace=None
    )


@every_event
def test_the_cloudevents_sdk_reads_what_we_write(model):
    enveloped = caused(model)
    assert enveloped.event is not None
    headers = {"content-type": envelope.CONTENT_TYPE}
    of_kafka = kafka.KafkaMessage({"content-type": envelope.CONTENT_TYPE.encode()}, None, enveloped.to_bytes())

    for read in (
        http.from_http(http.HTTPMessage(headers, enveloped.to_bytes()), JSONFormat()),
        kafka.from_kafka(of_kafka, JSONFormat()),
    ):
        assert {**read.get_attributes(), **{n: read.get_extension(n) for n in ("correlationid", "causationid")}} == {
            "specversion": "1.0",
            "id": enveloped.id,
            "source": "/test",
            "type": model.wire_type(),
            "subject": enveloped.event.key(),
            "time": NOW,
            "datacontenttype": "application/json",
            "correlationid": "order-1",
            "causationid": "cause",
        }
        assert model.model_validate(read.get_data()) == enveloped.event


@every_event
def test_we_read_what_the_cloudevents_sdk_writes(model):
    enveloped = caused(model)
    assert enveloped.event is not None
    written = CloudEvent(
        {
            "specversion": "1.0",
            "id": enveloped.id,
            "source": "/test",
            "type": enveloped.type,
            "subject": enveloped.subject,
            "time": NOW,
            "datacontenttype": "application/json",
            "correlationid": "order-1",
        },
        enveloped.event.model_dump(mode="json"),
    )

    for message in (kafka.to_binary(written, JSONFormat()), kafka.to_structured(written, JSONFormat())):
        read = envelope.read(message.value, list(message.headers.items()))

        assert (read.event, read.id, read.source, read.correlation_id) == (
            enveloped.event,
            enveloped.id,
            "/test",
            "order-1",
        )
        assert read.time == NOW


@every_event
def test_what_we_write_fits_the_published_schema(model):
    schema = envelope_schema(model)
    Draft202012Validator.check_schema(schema)

    event = model.model_validate(family.example(model)["data"])
    written = envelope.first(event, id="m-1", source="/test", now=NOW).to_bytes()

    Draft202012Validator(schema, format_checker=FormatChecker()).validate(json.loads(written))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_ever_committed_is_read(path: Path):
    assert envelope.read(path.read_bytes(), ()).event is not None


def test_every_event_has_an_example():
    named = {path.name.rsplit(".", 2)[0] for path in EXAMPLES} | {json.loads(p.read_text())["type"] for p in EXAMPLES}

    assert [name for name, _ in MODELS if name not in named] == []


def test_the_committed_contract_is_what_the_models_say():
    assert schemas.stale() == []


@every_event
def test_a_field_of_a_newer_version_is_ignored(model):
    document = json.loads(caused(model).to_bytes())
    document["data"]["a_field_of_the_future"] = {"x": 1}

    assert envelope.read(json.dumps(document).encode(), ()).event == caused(model).event


def test_ids_follow_from_cause_source_type_key_and_ordinal():
    model = CATALOGUE["coverage.account.paused.v1"]
    event = model.model_validate(example(model))

    def identity(cause="cause", source="/test", ordinal=1):
        return envelope.follow(
            event, cause_id=cause, ordinal=ordinal, source=source, now=NOW, correlation_id=None, trace=None
        ).id

    assert identity() == identity()
    assert len({identity(), identity(cause="b"), identity(source="/b"), identity(ordinal=2)}) == 4


def test_a_header_that_is_no_trace_is_left_out_and_a_trace_is_kept():
    enveloped = caused(CATALOGUE["coverage.account.paused.v1"])
    good = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    assert envelope.read(enveloped.to_bytes(), [("traceparent", good)]).traceparent == good.decode()
    assert envelope.read(enveloped.to_bytes(), [("traceparent", b"\xff" * 50)]).traceparent is None
    assert envelope.read(enveloped.to_bytes(), [("traceparent", b"x" * 5_000_000)]).traceparent is None


def test_nested_beyond_reason_is_unreadable():
    with pytest.raises(UnreadableError, match="not JSON"):
        envelope.read(b"[" * 1_000_000, ())


@pytest.mark.parametrize("day", ["1767225600", "2026-3-010", "20260301", "2026-03-01T00:00:00", 1767225600])
def test_a_date_is_year_month_and_day_and_never_seconds(day: object):
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(day)

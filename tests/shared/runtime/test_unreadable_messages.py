"""What cannot be read is set aside with its reason, and holds up nobody."""

import json
from dataclasses import replace

import pytest

from shared.runtime import outbox
from shared.runtime.deadletter import Incoming
from shared.runtime.message import decode
from tests.shared.probe_events import confirmed, seen

UNREADABLE = {
    "not JSON": (b"{", "not JSON"),
    "no body": (None, "no body"),
    "not a CloudEvent": (b'{"hello": 1}', "not a CloudEvent"),
    "a list": (b"[1, 2]", "not a CloudEvent"),
    "no id": (
        b'{"specversion":"1.0","type":"sessions.session.cancelled.v1","source":"/x",'
        b'"data":{"client_id":"c","session_id":"s"}}',
        "`id`",
    ),
    "no data": (b'{"specversion":"1.0","id":"1","type":"sessions.session.cancelled.v1","source":"/x"}', "`data`"),
    "no version": (
        b'{"specversion":"1.0","id":"1","type":"sessions.session.cancelled","source":"/x","data":{}}',
        ".v1",
    ),
    "wrong types": (
        b'{"specversion":"1.0","id":"1","type":"sessions.session.cancelled.v1","source":"/x",'
        b'"data":{"client_id":7,"session_id":"s"}}',
        "client_id: Input should be a valid string",
    ),
    "5 MB of garbage": (b"\xff\x00garbage" * 600_000, "not JSON"),
    "30 February": (
        b'{"specversion":"1.0","id":"1","type":"sessions.session.completed.v1","source":"/x",'
        b'"data":{"client_id":"c","session_id":"s","date_of_service":"2026-02-30"}}',
        "date_of_service",
    ),
    "negative money": (
        b'{"specversion":"1.0","id":"1","type":"payments.payment.succeeded.v1","source":"/x",'
        b'"data":{"client_id":"c","session_id":"s","idempotency_key":"k","amount_cents":-1}}',
        "amount_cents",
    ),
}


@pytest.mark.parametrize(("value", "said"), UNREADABLE.values(), ids=UNREADABLE)
async def test_what_cannot_be_read_is_set_aside_with_its_reason_and_holds_up_nobody(probe, value, said):
    bad = Incoming("sessions", "c", value, (("x-binary", b"\xff\xfe"), ("x-null", None)), "sessions/0/900")

    await probe.handles(bad, probe.message(confirmed("c", "s")), together=True)

    assert [topic for topic, _ in probe.dead] == ["sessions.dead"]
    assert said in probe.dead[0][1]
    assert await seen(probe) == {"s": (1, 1)}
    kept = await probe.pool.fetchrow("select value, parked from set_aside")
    assert (kept["value"], kept["parked"]) == (value and value[:65536], False)


async def test_a_dead_letter_carries_the_original_bytes_headers_and_place(probe):
    await probe.consumer.batch([Incoming("sessions", "c", b"{", (("trace", b"\xff"),), "sessions/3/7")])

    row = await probe.pool.fetchrow("select topic, key, value, headers from outbox")
    headers = dict(outbox.unpack(row["headers"]))
    assert (row["topic"], row["key"], row["value"], headers["trace"]) == ("sessions.dead", "c", b"{", b"\xff")
    assert headers["dead-origin"] == b"sessions/3/7"
    assert headers["dead-service"] == b"probe"
    assert headers["dead-time"] == b"2026-03-02T09:00:00+00:00"


async def test_an_event_of_an_unknown_type_is_skipped(probe):
    value = b'{"specversion":"1.0","id":"1","type":"sessions.session.sung.v1","source":"/x","data":{}}'

    await probe.handles(Incoming("sessions", "c", value, (), "sessions/0/1"))

    assert (probe.dead, probe.published) == ([], [])


async def test_a_message_under_another_clients_key_is_refused(probe):
    await probe.handles(replace(probe.message(confirmed("c", "s")), key="someone-else"))

    assert "key" in probe.dead[0][1]


async def test_binary_mode_is_read_like_structured_mode(probe):
    headers = (
        ("ce_specversion", b"1.0"),
        ("ce_id", b"1"),
        ("ce_source", b"/upstream"),
        ("ce_type", b"sessions.session.confirmed.v1"),
        ("content-type", b"application/json"),
    )

    await probe.handles(
        Incoming("sessions", "c", confirmed("c", "s").model_dump_json().encode(), headers, "sessions/0/1")
    )

    assert await seen(probe) == {"s": (1, 1)}


async def test_garbage_that_comes_again_is_in_the_dead_topic_once(probe):
    bad = Incoming("sessions", "c", b"{", (), "sessions/0/1")
    await probe.consumer.batch([bad])
    await probe.consumer.batch([bad])

    assert await probe.pool.fetchval("select count(*) from outbox") == 1


async def test_an_enormous_dead_letter_is_cut_to_what_its_topic_takes(probe):
    headers = tuple((f"h{n}", b"x" * 50_000) for n in range(100))
    await probe.consumer.batch([Incoming("sessions", "k" * 5_000, b"\x00" * (16 << 20), headers, "sessions/0/1")])

    row = await probe.pool.fetchrow("select key, length(value) as bytes, headers from outbox")
    assert len(row["key"]) == 1000
    assert row["bytes"] + len(row["headers"]) < outbox.MOST_BYTES
    assert dict(outbox.unpack(row["headers"]))["dead-cut"] == b"16777216 bytes"


ODD = {
    "a NUL in a text": ("session_id", "a\x00b"),
    "a NUL in a part": ("diagnoses", ["F411", "\x00"]),
    "a NUL in a name": ("\x00", 1),
}


@pytest.mark.parametrize(("field", "value"), ODD.values(), ids=ODD)
async def test_a_text_that_no_database_keeps_parks_nobody(probe, field, value):
    document = json.loads(probe.message(confirmed("c", "s1")).value)
    document["data"][field] = value
    bad = Incoming("sessions", "c", json.dumps(document).encode(), (), "sessions/0/1")

    await probe.handles(bad, probe.message(confirmed("c", "s2")))

    assert await seen(probe) == {"s2": (1, 1)}
    assert (
        await probe.pool.fetchval("select reason from set_aside")
        == "a text holds the character NUL, which no database keeps"
    )


async def test_the_letters_that_spell_an_escape_are_no_nul(probe):
    document = json.loads(probe.message(confirmed("c", "s1")).value)
    document["note"] = "\\u0000"

    await probe.handles(Incoming("sessions", "c", json.dumps(document).encode(), (), "sessions/0/1"))

    assert await seen(probe) == {"s1": (1, 1)}


ATTRIBUTES = {"long": "x" * 301, "long in bytes": "ä" * 200, "control character": "a\nb", "not a text": 7}


@pytest.mark.parametrize("value", ATTRIBUTES.values(), ids=ATTRIBUTES)
@pytest.mark.parametrize("name", ["id", "source"])
async def test_an_id_that_no_index_takes_is_unreadable(probe, name, value):
    document = {**json.loads(probe.message(confirmed("c", "s1")).value), name: value}

    await probe.handles(Incoming("sessions", "c", json.dumps(document).encode(), (), "sessions/0/1"))

    assert f"`{name}`" in probe.dead[0][1]


@pytest.mark.parametrize("key", ["k" * 301, "a\x00b"])
def test_an_interchange_whose_key_no_index_takes_is_unreadable(key):
    assert decode(Incoming("payers.inbound", key, b"ISA", (), "o"), "payers.inbound").unreadable

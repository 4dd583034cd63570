"""The clumsy publisher's catalogue: whatever is wrong with a message is named before it is published.

What the check calls readable is read by the services, and what it does not is refused: both run the same code.
"""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from shared.events import schemas
from shared.events.catalogue import CATALOGUE
from shared.events.check import check
from shared.events.topics import UPSTREAM_TOPICS
from shared.runtime.deadletter import Incoming
from shared.runtime.message import decode
from tests import builders

TODAY = date(2026, 3, 2)
Change = Callable[[dict[str, Any]], None]


def envelope(event: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": "m-1",
        "source": "/desk",
        "type": event.wire_type(),
        "time": "2026-03-02T09:00:00Z",
        "data": event.model_dump(mode="json"),
    }


def good() -> dict[str, dict[str, Any]]:
    plan = {"plan_id": "own", "payer_id": "ONE", "member_id": "A1", "subscriber": {"relation": "self"}}
    directory = {
        "payer": ("directory.payer.listed.v1", {"payer_id": "ONE", "name": "Plan One", "in_network": [SPAN]}),
        "credential": (
            "directory.provider.credentialed.v1",
            {"provider_id": "p", "payer_id": "ONE", **SPAN, "state": "NY"},
        ),
        "rate": (
            "directory.rate.agreed.v1",
            {
                "payer_id": "ONE",
                "provider_id": "p",
                "procedure": "90837",
                "rate_cents": 15000,
                "from_day": "2026-01-01",
            },
        ),
        "plans": ("clients.plans.entered.v1", {"client_id": "c", "plans": [plan]}),
        "facts": (
            "clients.coordination.facts_stated.v1",
            {"client_id": "c", "plans": {"own": {"employment": "active", "covered_from": "2020-01-01"}}},
        ),
        "payment": (
            "payments.payment.succeeded.v1",
            {"client_id": "c", "session_id": "s", "idempotency_key": "k", "amount_cents": 3000},
        ),
    }
    events = {name: CATALOGUE[kind].model_validate(data) for name, (kind, data) in directory.items()}
    events |= {
        "session": builders.confirmed(),
        "completion": builders.completed(),
        "client": builders.registered(),
        "provider": builders.provider(),
    }
    return {name: envelope(event) for name, event in events.items()}


SPAN = {"from_day": "2020-01-01", "to_day": "2027-12-31"}


def put(path: str, value: Any) -> Change:
    """Set the field at the dotted path."""

    def change(message: dict[str, Any]) -> None:
        *way, last = path.split(".")
        part: Any = message
        for name in way:
            part = part[int(name)] if isinstance(part, list) else part[name]
        part[last] = value

    return change


def drop(path: str) -> Change:
    """Leave the field out."""

    def change(message: dict[str, Any]) -> None:
        *way, last = path.split(".")
        part: Any = message
        for name in way:
            part = part[int(name)] if isinstance(part, list) else part[name]
        del part[last]

    return change


def rename(path: str, name: str) -> Change:
    """Misspell the field."""

    def change(message: dict[str, Any]) -> None:
        *way, last = path.split(".")
        part: Any = message
        for step in way:
            part = part[int(step)] if isinstance(part, list) else part[step]
        part[name] = part.pop(last)

    return change


CLUMSY: list[tuple[str, str, Change]] = [
    # message, the field that the answer names, what is wrong with it
    ("session", "specversion", drop("specversion")),
    ("session", "specversion", put("specversion", "0.3")),
    ("session", "specversion", put("specversion", 1.0)),
    ("session", "id", drop("id")),
    ("session", "id", put("id", "")),
    ("session", "id", put("id", 17)),
    ("session", "id", put("id", "x" * 301)),
    ("session", "id", put("id", "a\nb")),
    ("session", "source", drop("source")),
    ("session", "source", put("source", None)),
    ("session", "type", drop("type")),
    ("session", "type", put("type", "sessions.session.confirmed")),
    ("session", "type", put("type", "sessions.session.confirmed.v2")),
    ("session", "type", put("type", "session.confirmed.v1")),
    ("session", "type", put("type", "sessions.session.confrimed.v1")),
    ("session", "type", put("type", "coverage.session.cleared.v1")),
    ("session", "time", drop("time")),
    ("session", "time", put("time", "yesterday")),
    ("session", "time", put("time", "2999-03-02T09:00:00Z")),
    ("session", "time", put("time", "2026-03-02")),
    ("session", "time", put("time", "2026-03-02 09:00:00")),
    ("session", "time", put("time", "2026-03-02T09:00:00")),
    ("session", "time", put("time", "2026-13-02T09:00:00Z")),
    ("session", "time", put("time", 1772442000)),
    ("session", "subject", put("subject", "d")),
    ("session", "datacontenttype", put("datacontenttype", "text/xml")),
    ("session", "correlation_id", put("correlation_id", "x")),
    ("session", "Source", put("Source", "/desk")),
    ("session", "data", drop("data")),
    ("session", "data", put("data", None)),
    ("session", "data", put("data", [])),
    ("session", "data", put("data", '{"client_id": "c"}')),
    ("session", "data.client_id", drop("data.client_id")),
    ("session", "data.client_id", put("data.client_id", 7)),
    ("session", "data.client_id", put("data.client_id", "")),
    ("session", "data.client_id", put("data.client_id", "Sam Doe")),
    ("session", "data.client_id", rename("data.client_id", "clientId")),
    ("session", "data.session_id", put("data.session_id", None)),
    ("session", "data.provider_id", put("data.provider_id", "x" * 101)),
    ("session", "data.date_of_service", put("data.date_of_service", "03/02/2026")),
    ("session", "data.date_of_service", put("data.date_of_service", "2026-02-30")),
    ("session", "data.date_of_service", put("data.date_of_service", "2026-03-02T09:00:00")),
    ("session", "data.date_of_service", put("data.date_of_service", 20260302)),
    ("session", "data.date_of_service", put("data.date_of_service", "2206-03-02")),
    ("session", "data.date_of_service", put("data.date_of_service", "0026-03-02")),
    ("completion", "data.date_of_service", put("data.date_of_service", "2026-03-04")),
    ("session", "data.state", put("data.state", "New York")),
    ("session", "data.state", put("data.state", "ny")),
    ("session", "data.place", put("data.place", 10)),
    ("session", "data.place", put("data.place", "telehealth")),
    ("session", "data.lines", put("data.lines", [])),
    ("session", "data.lines", put("data.lines", {})),
    ("session", "data.lines", drop("data.lines")),
    ("session", "data.lines.0.charge_cents", put("data.lines.0.charge_cents", 220.5)),
    ("session", "data.lines.0.charge_cents", put("data.lines.0.charge_cents", "22000")),
    ("session", "data.lines.0.charge_cents", put("data.lines.0.charge_cents", -1)),
    ("session", "data.lines.0.charge_cents", put("data.lines.0.charge_cents", True)),
    ("session", "data.lines.0.charge_cents", put("data.lines.0.charge_cents", 10**15)),
    ("session", "data.lines.0.charge_cents", rename("data.lines.0.charge_cents", "charge")),
    ("session", "data.lines.0.procedure", put("data.lines.0.procedure", 90837)),
    ("session", "data.lines.0.procedure", put("data.lines.0.procedure", "90837-95")),
    ("session", "data.lines.0.modifers", rename("data.lines.0.modifiers", "modifers")),
    ("session", "data.lines.0.modifiers", put("data.lines.0.modifiers", "95")),
    ("session", "data.lines.0.modifiers", put("data.lines.0.modifiers", ["95", "GT", "HO", "U1", "U2"])),
    ("session", "data.lines.0.units", put("data.lines.0.units", 0)),
    ("session", "data.lines.0.units", put("data.lines.0.units", 1.5)),
    ("session", "data.diagnoses", put("data.diagnoses", [])),
    ("session", "data.diagnoses.0", put("data.diagnoses", ["F41.1"])),
    ("session", "data.notes", put("data.notes", "hello")),
    ("client", "data.email", put("data.email", "sam at example")),
    ("client", "data.email", drop("data.email")),
    ("client", "data.birth_date", put("data.birth_date", "2090-05-04")),
    ("client", "data.birth_date", put("data.birth_date", "1790-05-04")),
    ("client", "data.gender", put("data.gender", "male")),
    ("client", "data.language", put("data.language", "en-US")),
    ("client", "data.first_name", put("data.first_name", "")),
    ("client", "data.first_name", put("data.first_name", "x" * 301)),
    ("client", "data.address.postal_code", put("data.address.postal_code", 12207)),
    ("client", "data.address.zip", rename("data.address.postal_code", "zip")),
    ("client", "data.address", put("data.address", "1 Elm Street, Albany")),
    ("plans", "data.plans.0.memberid", rename("data.plans.0.member_id", "memberid")),
    ("plans", "data.plans.0.group_no", put("data.plans.0.group_no", "G1")),
    ("plans", "data.plans.0.kind", put("data.plans.0.kind", "HMO")),
    ("plans", "data.plans.0.subscriber.relation", put("data.plans.0.subscriber.relation", "husband")),
    ("facts", "data.plans.own.employement", rename("data.plans.own.employment", "employement")),
    ("facts", "data.plans.own.covered_to", put("data.plans.own.covered_to", "2019-01-01")),
    ("payer", "data.in_network.0", put("data.in_network.0.to_day", "2019-12-31")),
    ("payer", "data.member_phones", put("data.member_phones", "+1-800-555-0100")),
    ("credential", "data", put("data.to_day", "2019-12-31")),
    ("rate", "data.from_day", put("data.from_day", "2206-01-01")),
    ("rate", "data", drop("data.provider_id")),
    ("rate", "data", put("data.group_id", "g")),
    ("rate", "data.rate_cents", put("data.rate_cents", 150.25)),
    ("provider", "data.npi", put("data.npi", "123")),
    ("provider", "data.states", put("data.states", "NY")),
    ("payment", "data.idempotency_key", drop("data.idempotency_key")),
    ("payment", "data.amount_cents", put("data.amount_cents", "30.00")),
]


@pytest.mark.parametrize(
    ("name", "field", "change"), CLUMSY, ids=[f"{at:02} {name} {field}" for at, (name, field, _) in enumerate(CLUMSY)]
)
def test_what_is_wrong_is_named(name: str, field: str, change: Change):
    message = deepcopy(good()[name])
    key = check(json.dumps(message).encode(), TODAY)["key"]
    change(message)
    value = json.dumps(message).encode()

    answer = check(value, TODAY, key=key)

    named = [problem["field"] for problem in answer["problems"]]
    assert any(said == field or said.startswith(f"{field}.") for said in named), named
    read = decode(Incoming("x", key, value, (), "x/0/1"), None)
    assert answer["readable"] == (read.unreadable is None and read.event is not None)
    assert check(value, TODAY)["readable"] == fits_the_schema(name, message) or at_odds(name, field)


def fits_the_schema(name: str, message: dict[str, Any]) -> bool:
    schema = json.loads((schemas.SCHEMAS / f"{good()[name]['type']}.json").read_text())
    return Draft202012Validator(schema, format_checker=FormatChecker()).is_valid(message)


def at_odds(name: str, field: str) -> bool:
    """A JSON Schema cannot compare two fields: that a span ends before it starts only the reader sees."""
    return (name, field) in {("payer", "data.in_network.0"), ("credential", "data")}


def test_the_catalogue_is_as_long_as_it_is_said_to_be():
    assert len(CLUMSY) >= 91


@pytest.mark.parametrize("name", sorted(good()))
def test_a_good_message_is_readable_and_without_problems(name: str):
    message = good()[name]
    model = CATALOGUE[message["type"]]

    answer = check(json.dumps(message).encode(), TODAY, topic=model.topic, key=answer_key(message))

    assert answer == {
        "readable": True,
        "type": message["type"],
        "topic": model.topic,
        "key": answer_key(message),
        "problems": [],
    }


def answer_key(message: dict[str, Any]) -> str:
    return CATALOGUE[message["type"]].model_validate(message["data"]).key()


@pytest.mark.parametrize(
    ("topic", "key", "field"),
    [("clients", "c", "topic"), ("sessions", "", "key"), ("sessions", "s", "key")],
    ids=["another topic", "no key", "another key"],
)
def test_a_message_in_the_wrong_place_is_told_the_right_one(topic: str, key: str, field: str):
    [problem] = check(json.dumps(good()["session"]).encode(), TODAY, topic=topic, key=key)["problems"]

    assert problem["field"] == field
    assert problem["hint"] in {"publish it to sessions", "the key is c"}


@pytest.mark.parametrize("topic", sorted(UPSTREAM_TOPICS))
def test_a_message_is_read_from_its_own_topic_alone(topic: str):
    value = json.dumps(good()["session"]).encode()

    read = decode(Incoming(topic, "c", value, (), "x/0/1"), None)

    assert (read.unreadable is None) == (topic == "sessions") == check(value, TODAY, topic=topic, key="c")["readable"]


def test_cents_may_be_written_with_a_point_and_a_nought():
    message = good()["session"]
    message["data"]["lines"][0]["charge_cents"] = 22000.0

    assert check(json.dumps(message).encode(), TODAY)["problems"] == []


@pytest.mark.parametrize("kind", sorted(kind for kind, model in CATALOGUE.items() if model.topic in UPSTREAM_TOPICS))
def test_the_examples_of_what_upstream_publishes_have_no_problems(kind: str):
    value = max(schemas.EXAMPLES.glob(f"{kind}.*.json")).read_bytes()

    assert check(value, TODAY)["problems"] == []

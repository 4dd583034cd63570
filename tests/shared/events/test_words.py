"""Integrators read of every event who publishes it, when and what follows, and of every field what it means."""

import json
from typing import get_args

import pytest
from pydantic import BaseModel

from shared.events import schemas
from shared.events.catalogue import CATALOGUE
from shared.events.contract import family, schema, words
from shared.events.types import Event

PARTS = {part: None for model in CATALOGUE.values() for part in (model, *schema.models_of(model))}
every_event = pytest.mark.parametrize("model", CATALOGUE.values(), ids=list(CATALOGUE))


@every_event
def test_an_event_says_who_publishes_it_when_and_what_follows(model: type[Event]):
    assert words.of_event(model) is not None, f"shared/events/contract/words: {model.__name__} needs its words"


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_a_field_says_what_it_means_and_what_null_means(part: type[BaseModel]):
    said = {name: words.of_field(part, name) or "" for name in part.model_fields}
    nullable = {name for name, field in part.model_fields.items() if type(None) in get_args(field.annotation)}

    assert [name for name, text in said.items() if not text] == [], "shared/events/contract/words: add them"
    assert [name for name in nullable if "null" not in said[name].lower()] == []


def test_words_are_of_fields_that_there_are():
    models = {base.__name__: base for part in PARTS for base in part.__mro__ if issubclass(base, BaseModel)}

    gone = [
        (model, name)
        for model, name in words.named()
        if model not in models or (name is not None and name not in models[model].model_fields)
    ]
    assert gone == []


def test_every_field_that_holds_codes_lists_them_and_every_list_is_used():
    fields = {
        f"{base.__name__}.{name}"
        for part in PARTS
        for base in part.__mro__
        for name in getattr(base, "model_fields", ())
    }
    open_ones = {"PaymentFailed.reason", "PaymentDisputed.reason", "RefundFailed.reason", "ChargeFailed.reason"}
    free = {"SessionCancelled.reason", "Adjustment.reason", "ProviderAdjustment.reason"}
    typed = {"Entitlement.reason", "MessageRefused.reason"}

    assert set(words.CODES) - fields == set()
    listed = {f"{part.__name__}.reason" for part in PARTS if words.codes(part, "reason")}
    assert {f"{part.__name__}.reason" for part in PARTS if "reason" in part.model_fields} - listed == {
        *open_ones,
        *free,
        *typed,
    }
    for table in words.CODES.values():
        assert words.reasons(table)


@every_event
def test_the_schema_carries_the_words_and_the_codes(model: type[Event]):
    fields = json.loads((schemas.SCHEMAS / f"{model.wire_type()}.json").read_text())["properties"]["data"]["properties"]

    assert [name for name, field in fields.items() if not field.get("description")] == []
    for name, field in fields.items():
        codes = words.codes(model, name)
        if codes is not None:
            assert f'"{next(iter(codes))}"' in json.dumps(field)


@every_event
def test_the_family_has_an_example_of_each_event_with_codes_that_are_listed(model: type[Event]):
    assert words.unlisted(model.model_validate(family.example(model)["data"])) == []

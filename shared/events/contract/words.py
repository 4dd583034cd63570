"""What integrators read of each event and field: who publishes it, what follows, meaning, unit, what null means.

The words stand in `words/*.toml`, one file a module of events, so that the models stay as short as they are. A test
refuses an event or a field without words, and words of what is gone.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel

from shared.events.types import Event

FOLDER = Path(__file__).parent / "words"
CODES = {
    "AwaitedAnswer.reason": "claim_state",
    "OtherAnswer.reason": "claim_state",
    "SecondaryWithheld.reason": "withheld",
    "ClaimHeld.reason": "claim_held",
    "ClaimWrittenOff.reason": "written_off",
    "ClaimsReviewRequested.reason": "claims_review",
    "PlansCoordinated.rule": "rule",
    "OrderCorrected.rule": "rule",
    "SessionCleared.rule": "rule",
    "SessionCleared.marked": "marked",
    "ClearedPlan.reason": "not_billable",
    "SecondaryNotBillable.reason": "not_billable",
    "SessionRefused.reason": "session_refused",
    "PayerToCall.cause": "cause",
    "ConfirmationRefused.reason": "confirmation_refused",
    "FactRefused.reason": "fact_refused",
    "MessageRefused.problem": "fact_refused",
    "CoverageReviewRequested.reason": "coverage_review",
    "SessionEstimated.basis": "basis",
    "CostFinalized.reason": "cost",
    "CostFinalized.review": "settlement_review",
    "CostOverdue.reason": "overdue",
    "SettlementReviewRequested.reason": "settlement_review",
    "LetterFailed.reason": "letter_failed",
    "LetterBounced.reason": "letter_bounced",
    "LetterSkipped.reason": "letter_skipped",
    "LinksEnded.reason": "links_ended",
    "NotificationReviewRequested.reason": "notification_review",
    "ErasureWaits.waits_for": "erasure_waits",
    "Kept.category": "kept",
}
"""Which table of `reasons.toml` lists the codes of a field. The reasons of `payments` are the payment system's own."""


@dataclass(frozen=True)
class EventWords:
    """Who publishes an event and when, and what follows from it."""

    published: str
    effect: str


@cache
def _file(name: str) -> dict[str, dict[str, Any]]:
    path = FOLDER / f"{name}.toml"
    return tomllib.loads(path.read_text()) if path.exists() else {}


def _own(model: type[BaseModel]) -> dict[str, Any]:
    return _file(model.__module__.rsplit(".", 1)[-1]).get(model.__name__, {})


def of_event(model: type[Event]) -> EventWords | None:
    """What is said of the event as a whole; None: nothing yet."""
    own = _own(model)
    return EventWords(own["published"], own["effect"]) if {"published", "effect"} <= own.keys() else None


def of_field(model: type[BaseModel], name: str) -> str | None:
    """What the field means: the model's own words, those of the models it is made from, or what all have in common."""
    for kind in _lineage(model):
        fields = cast(dict[str, str], _own(kind).get("fields", {}))
        if name in fields:
            return fields[name]
    return cast(dict[str, str], _file("common")).get(name)


def _lineage(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield from (kind for kind in model.__mro__ if issubclass(kind, BaseModel) and kind is not BaseModel)


def codes(model: type[BaseModel], name: str) -> dict[str, str] | None:
    """The codes that the field may hold, each with its meaning; None: it is no field of codes."""
    for kind in _lineage(model):
        table = CODES.get(f"{kind.__name__}.{name}")
        if table is not None:
            return reasons(table)
    return None


def reasons(table: str) -> dict[str, str]:
    """One table of codes. What a claim that is awaited, withheld or given up says is what those events say,
    or what its payer answered."""
    if table == "claim_state":
        parts = ("withheld", "claims_review", "claim_held", "written_off", "answer")
        return {code: meaning for part in parts for code, meaning in reasons(part).items()}
    return cast(dict[str, str], _file("reasons")[table])


def named() -> Iterator[tuple[str, str | None]]:
    """Every model and field that the files have words for: (model, None) for an event as a whole."""
    for path in sorted(FOLDER.glob("*.toml")):
        if path.stem in ("common", "reasons"):
            continue
        for model, words in _file(path.stem).items():
            if "published" in words:
                yield model, None
            yield from ((model, name) for name in words.get("fields", {}))


def unlisted(part: BaseModel) -> list[str]:
    """The codes in an event that the contract does not list, such as `ClaimHeld.reason: unheard_of`."""
    problems = list[str]()
    for name in type(part).model_fields:
        value = getattr(part, name)
        listed = codes(type(part), name)
        for inner in cast(tuple[Any, ...], value) if isinstance(value, tuple) else (value,):
            if isinstance(inner, BaseModel):
                problems += unlisted(inner)
            elif listed is not None and inner is not None and inner not in listed:
                problems.append(f"{type(part).__name__}.{name}: {inner}")
    return problems

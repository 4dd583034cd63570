"""Draws the clients of the mix and their sessions from a seed, and says what upstream publishes on which day."""

import random
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from shared.events.clients import ClientRegistered, CoordinationConfirmed, PlansEntered
from shared.events.sessions import SessionCancelled, SessionCompleted, SessionConfirmed
from shared.events.types import Event
from tests.faults.mix_cast import Kind, Person, Visit, turning

FIRST_DAYS = 10
_SEVERAL, _LATE, _TWICE = 0.15, 0.15, 0.05
_ADDRESS = {"line1": "12 Elm Street", "city": "Albany", "state": "NY", "postal_code": "12207"}
_SERVICES: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...] = (
    (("90837", ("95",)),),
    (("90837", ()),),
    (("90834", ("95",)),),
    (("90791", ()),),
    (("99214", ("95",)), ("90836", ("95",))),
    (("99214", ()), ("90836", ())),
)

Agenda = list[tuple[date, Event]]


def people(kinds: Sequence[Kind], sessions: int, seed: int, since: date) -> list[Person]:
    """So many sessions' worth of clients, every kind in turn; the same seed and day give the same."""
    chance = random.Random(seed)
    in_turn = [kind for kind in kinds for _ in range(kind.weight)]
    chance.shuffle(in_turn)
    once = list(dict.fromkeys(in_turn))
    people: list[Person] = []
    count = 0
    while count < sessions:
        number = len(people) + 1
        kind = once[len(people)] if len(people) < len(once) else chance.choice(in_turn)
        person = _person(number, kind, chance, since)
        people.append(person)
        count += len(person.visits)
    return people


def _person(number: int, kind: Kind, chance: random.Random, since: date) -> Person:
    client_id = f"client-{number:05}{kind.suffix}"
    count = 2 if kind.changes else chance.choice((2, 3)) if chance.random() < _SEVERAL else 1
    days = sorted(since + timedelta(days=day) for day in chance.sample(range(FIRST_DAYS), count))
    visits = tuple(_visit(f"s{number:05}-{nth}", day, chance) for nth, day in enumerate(days, 1))
    turns_on = days[1] if kind.changes else None
    covers = kind.covers if turns_on is None else turning(kind, turns_on)
    return Person(number, kind, client_id, covers, visits, turns_on)


def _visit(session_id: str, day: date, chance: random.Random) -> Visit:
    lines = tuple(
        (procedure, modifiers, chance.randrange(20_000, 30_000, 500))
        for procedure, modifiers in chance.choice(_SERVICES)
    )
    return Visit(session_id, day, lines)


def agenda(person: Person, chance: random.Random) -> Agenda:
    """What upstream publishes about a client, with its day; the order within a day is by chance."""
    first = person.visits[0].day
    told: Agenda = [(first, _registered(person)), (first, _entered(person))]
    for visit in person.visits:
        told += _session(person, visit, chance)
    if person.kind.calls_after is not None:
        day = first + timedelta(days=person.kind.calls_after)
        told += [(day, _call(person, cover.payer_id, day)) for cover in person.covers]
    chance.shuffle(told)
    return told


def _session(person: Person, visit: Visit, chance: random.Random) -> Iterable[tuple[date, Event]]:
    late = timedelta(days=chance.choice((1, 3)) if chance.random() < _LATE else 0)
    yield visit.day, _confirmed(person, visit)
    named = {"client_id": person.client_id, "session_id": visit.session_id}
    if person.kind.completed:
        for _ in range(2 if chance.random() < _TWICE else 1):
            yield visit.day + late, SessionCompleted.model_validate({**named, "date_of_service": visit.day.isoformat()})
    if person.kind.cancelled_after is not None:
        yield visit.day + timedelta(days=person.kind.cancelled_after), SessionCancelled.model_validate(named)


def _registered(person: Person) -> ClientRegistered:
    about: dict[str, Any] = {
        "client_id": person.client_id,
        "first_name": "Sam",
        "last_name": _surname(person.number),
        "email": f"{person.client_id}@example.test",
        "birth_date": (date(1960, 1, 1) + timedelta(days=person.number * 11)).isoformat(),
        "gender": "F",
        "address": _ADDRESS,
    }
    return ClientRegistered.model_validate(about)


def _surname(number: int) -> str:
    """A name of its own for each client, of letters alone."""
    return "R" + "".join(chr(97 + number // 26**place % 26) for place in range(4))


def _entered(person: Person) -> PlansEntered:
    order = person.kind.entered or tuple(range(len(person.covers)))
    return PlansEntered.model_validate(
        {"client_id": person.client_id, "plans": [_plan(person, index) for index in order]}
    )


def _plan(person: Person, place: int) -> dict[str, Any]:
    cover = person.covers[place]
    holder: dict[str, Any] = {"relation": cover.relation}
    if cover.relation != "self":
        about = {"first_name": "Alex", "last_name": _surname(person.number), "birth_date": "1986-09-30", "gender": "M"}
        holder |= {**about, "address": _ADDRESS}
    return {
        "plan_id": f"plan-{cover.payer_id.lower()}",
        "payer_id": cover.payer_id,
        "member_id": cover.member_id(person.number),
        "kind": "medicaid" if cover.payer_id == "MEDIAID" else "group",
        "subscriber": holder,
    }


def _confirmed(person: Person, visit: Visit) -> SessionConfirmed:
    lines = [{"procedure": code, "modifiers": list(words), "charge_cents": cents} for code, words, cents in visit.lines]
    about: dict[str, Any] = {
        "client_id": person.client_id,
        "session_id": visit.session_id,
        "provider_id": person.kind.provider,
        "date_of_service": visit.day.isoformat(),
        "state": "NY",
        "place": "10",
        "lines": lines,
        "diagnoses": ["F411"],
    }
    return SessionConfirmed.model_validate(about)


def _call(person: Person, payer_id: str, day: date) -> CoordinationConfirmed:
    """The client has called this insurer, and names the plan that truly pays first."""
    about = {
        "client_id": person.client_id,
        "payer_id": payer_id,
        "reference_number": f"REF-{person.number}",
        "confirmed_on": day.isoformat(),
        "confirmed_by": "client",
        "recorded_by": "staff",
        "channel": "phone",
        "primary_named": f"plan-{person.order_on(day)[0].payer_id.lower()}",
    }
    return CoordinationConfirmed.model_validate(about)

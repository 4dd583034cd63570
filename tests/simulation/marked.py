"""A person with a mark in everything personal: wherever the mark turns up, somebody wrote down who it is."""

import re
from datetime import date
from typing import Any

import asyncpg

from shared.events.clients import PlansEntered
from shared.events.types import Event
from tests.simulation.facts import Facts
from tests.simulation.moves import Move
from tests.simulation.stage import Stage

MARK = "qzx"
DIAGNOSIS, BIRTHS = "F41QZX", ("1971-12-29", "1969-11-23")
PERSONAL = re.compile(
    "|".join([MARK, *BIRTHS, *(day.replace("-", "") for day in BIRTHS), "12/29/1971", "11/23/1969"]), re.IGNORECASE
)
ADDRESS = {"line1": "7 Qzx Lane", "line2": "Flat Qzx", "city": "Qzxville", "state": "NY", "postal_code": "12207"}


class MarkedFacts(Facts):
    """The facts of a world with the mark in whatever is personal."""

    def event(self, move: Move) -> Event:
        """The event, with the diagnosis marked."""
        event = super().event(move)
        return event.model_copy(update={"diagnoses": (DIAGNOSIS,)}) if move.kind == "confirm" else event

    def _details(self) -> dict[str, Any]:
        person = {"first_name": "Samqzx", "last_name": "Doeqzx", "birth_date": BIRTHS[0], "address": ADDRESS}
        return {**super()._details(), **person, "email": f"{self.name.lower()}.qzx@example.test"}

    def _other_email(self) -> str:
        return f"{self.name.lower()}.qzxnew@example.test"

    def _plans(self, move: Move) -> Event:
        return PlansEntered.model_validate(
            {"client_id": self.client_id, "plans": [self._plan(letter) for letter in move["plans"]]}
        )

    def _plan(self, letter: str) -> dict[str, Any]:
        plan: dict[str, Any] = super()._plan(letter) | {"member_id": f"M{letter}QZX01", "group_number": f"G{letter}QZX"}
        if letter == "B":
            person = {"first_name": "Kimqzx", "last_name": "Royqzx", "birth_date": BIRTHS[1], "address": ADDRESS}
            plan["subscriber"] = {**plan["subscriber"], **person}
        return plan

    def called(self, payer_id: str, on: date, reference: str, plan_first: str | None) -> Event:
        """The call, with its reference number and the insurer's person marked."""
        event = super().called(payer_id, on, reference and f"REF-QZX-{payer_id}", plan_first)
        return event.model_copy(update={"representative": "Patqzx"})


def marks(text: str) -> list[str]:
    """Where the mark is, with a little around it."""
    return [text[max(0, found.start() - 60) : found.end() + 20] for found in PERSONAL.finditer(text)]


async def stored(stage: Stage, service: str) -> dict[str, str]:
    """Everything that a service's database holds, by table."""
    pool = stage.performers[service].pool
    tables = await pool.fetch("select tablename as name from pg_tables where schemaname = 'public'")
    return {table["name"]: await _text(pool, table["name"]) for table in tables}


async def _text(pool: asyncpg.Pool, table: str) -> str:
    rows = await pool.fetch(f"select * from {table}")
    return "\n".join(str(value) for row in rows for value in row.values())

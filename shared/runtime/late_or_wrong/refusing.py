"""Tells upstream, on the topic `upstream`, which of its messages was not taken, and what to do about it.

One service answers for a topic (`Service.answers_for`), however many read it, so that each is told once.
"""

from collections.abc import Iterable
from datetime import datetime

import asyncpg

from shared import log
from shared.events import envelope
from shared.events.check import check
from shared.events.envelope import UnreadableError
from shared.events.upstream import MessageRefused, RefusalReason
from shared.runtime import outbox
from shared.runtime.deadletter import Incoming
from shared.runtime.message import Message
from shared.runtime.outbox import Outgoing

_LARGEST_CHECKED = 1 << 20
_PLACE, _NOTE = 300, 2_000
_LONGEST_PLACE = 4


class Refusals:
    """What one process refuses of the topics that its service answers for."""

    def __init__(self, service: str, topics: frozenset[str]) -> None:
        self._service, self._topics = service, topics
        self._told = set[tuple[str, str, str]]()

    def unreadable(self, aside: Iterable[tuple[Incoming, str]], now: datetime) -> list[Outgoing]:
        """Messages that were set aside because they cannot be read, each with the first problem to correct."""
        refusals = list[Outgoing]()
        for message, why in aside:
            log.get().warning("set aside: it cannot be read", topic=message.topic, where=message.origin, reason=why)
            if message.topic in self._topics:
                field, what_to_do = _first_problem(message, now) or ("", why)
                refusals.append(self._refusal(message, "unreadable", field, what_to_do, now))
        return refusals

    async def tell_unknown(self, pool: asyncpg.Pool, messages: Iterable[Message], now: datetime) -> None:
        """Publish, in a transaction of its own, what `unknown` refuses."""
        if refusals := self.unknown(messages, now):
            async with pool.acquire() as connection, connection.transaction():
                await outbox.write(connection, refusals)

    def unknown(self, messages: Iterable[Message], now: datetime) -> list[Outgoing]:
        """Messages of a type or version that no service knows, once for each type and source."""
        refusals = list[Outgoing]()
        for message in messages:
            incoming = message.incoming
            if message.event is not None or message.unreadable is not None or incoming.topic not in self._topics:
                continue
            named = envelope.named(incoming.value, incoming.headers)
            kind = (incoming.topic, named.get("source", ""), named.get("type", ""))
            if kind not in self._told:
                self._told.add(kind)
                advice = "publish a type and version of the contract: no service reads this one"
                refusals.append(self._refusal(incoming, "unknown_type", "type", advice, now))
        return refusals

    def older(self, messages: Iterable[Message], now: datetime) -> list[Outgoing]:
        """Facts that a later one, by its `time`, has overtaken."""
        advice = "nothing, if it came late; if it is what holds now, publish it again with the present time"
        return self._each(messages, "older_than_known", "time", advice, now)

    def erased(self, messages: Iterable[Message], now: datetime) -> list[Outgoing]:
        """Facts about clients who were forgotten."""
        advice = "the client was forgotten on request: one who comes back is registered under a new id"
        return self._each(messages, "client_erased", "client_id", advice, now)

    def _each(
        self, messages: Iterable[Message], reason: RefusalReason, field: str, what_to_do: str, now: datetime
    ) -> list[Outgoing]:
        """The same refusal of each message on a topic for which this service answers."""
        return [
            self._refusal(message.incoming, reason, field, what_to_do, now)
            for message in messages
            if message.incoming.topic in self._topics
        ]

    def _refusal(
        self, message: Incoming, reason: RefusalReason, field: str, what_to_do: str, now: datetime
    ) -> Outgoing:
        named = envelope.named(message.value, message.headers)
        refusal = MessageRefused(
            message_id=named.get("id", ""),
            source=named.get("source", ""),
            type=named.get("type", ""),
            place=message.origin[:_PLACE],
            reason=reason,
            field=field[:_PLACE],
            what_to_do=what_to_do[:_NOTE],
        )
        # Told once for each type and source, however often this process starts: the id is made from them.
        once = f"{message.topic}|{refusal.source}|{refusal.type}"
        return Outgoing.of_envelope(
            envelope.follow(
                refusal,
                cause_id=once if reason == "unknown_type" else refusal.message_id or message.origin,
                ordinal=0,
                source=f"/{self._service}",
                now=now,
                correlation_id=None,
                trace=None,
            )
        )


def _first_problem(message: Incoming, now: datetime) -> tuple[str, str] | None:
    """The first problem that the publisher's own check would name: its field, and what to do."""
    if message.value is None or len(message.value) > _LARGEST_CHECKED:
        return None
    try:
        answer = check(message.value, now.date(), topic=message.topic, key=message.key)
    except UnreadableError:
        return None
    if answer["readable"] or not answer["problems"]:
        return None
    problem = answer["problems"][0]
    said = ": ".join(words for words in (problem["problem"], problem["hint"]) if words)
    return envelope.field_path(_parts(problem["field"])), said


def _parts(field: str) -> list[str | int]:
    """The names and places in a path such as `data.lines.0.charge_cents`; a longer number is no place in a list."""
    parts = field.split(".") if field else []
    return [int(part) if part.isdecimal() and len(part) < _LONGEST_PLACE else part for part in parts]

"""Plays stories on a running stack: publishes as upstream does, listens to all, moves the clock."""

import asyncio
import json
import urllib.parse
import urllib.request
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared import clock
from shared.events import envelope
from shared.events.topics import CLIENT_PARTITIONS, EVENTS
from shared.events.types import ClientEvent, Event

E = TypeVar("E", bound=Event)
SECONDS = 45.0
_STRIDE = 6


class StoryError(Exception):
    """A story did not go as told; the message says what was expected and what happened instead."""


@dataclass
class Step:
    """One line of a story as it is shown: the day, what happened."""

    day: date
    text: str


@dataclass
class Story:
    """One story: its name, what it shows, how it is played, and how it goes."""

    name: str
    about: str
    play: Callable[["Scene"], Awaitable[None]]
    steps: list[Step] = field(default_factory=list[Step])
    outcome: str = ""
    failed: bool = False


class Director:
    """Connects the stories with the stack, and moves the clock when every story waits for it."""

    def __init__(self, bootstrap: str, inbox_url: str, coverage_url: str) -> None:
        self.bootstrap, self.inbox_url, self.coverage_url = bootstrap, inbox_url, coverage_url
        self.events: dict[str, list[Event]] = {}
        self.news = asyncio.Condition()
        self.waiting: dict[str, tuple[date, asyncio.Event]] = {}
        self.playing: set[str] = set()
        self.producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all")
        self.consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")

    async def play(self, stories: list[Story], before: list[Event]) -> None:
        """Publish what was known `before`, then play the stories side by side, to their ends."""
        await asyncio.gather(self.producer.start(), self.consumer.start())
        self.consumer.assign([TopicPartition(topic.name, n) for topic in EVENTS for n in range(CLIENT_PARTITIONS)])
        listening, moving = asyncio.create_task(self._listen()), asyncio.create_task(self._move_clock())
        try:
            await self.publish(*before)
            self.playing = {story.name for story in stories}
            await asyncio.gather(*(self._play(story) for story in stories))
        finally:
            listening.cancel()
            moving.cancel()
            await asyncio.gather(self.producer.stop(), self.consumer.stop())

    async def _play(self, story: Story) -> None:
        try:
            await story.play(Scene(self, story))
            story.outcome = story.outcome or "as told"
        except StoryError as error:
            story.failed, story.outcome = True, str(error)
        finally:
            self.playing.discard(story.name)

    async def publish(self, *events: Event) -> None:
        """Publish as upstream would, each with an id of its own."""
        for event in events:
            message = envelope.first(event, id=str(uuid.uuid4()), source="/marketplace", now=clock.now())
            headers = [("content-type", envelope.CONTENT_TYPE.encode())]
            await self.producer.send_and_wait(event.topic, message.to_bytes(), event.key().encode(), headers=headers)

    async def _listen(self) -> None:
        async for record in self.consumer:
            message = envelope.read(record.value, record.headers)
            if isinstance(message.event, ClientEvent):
                async with self.news:
                    self.events.setdefault(message.event.client_id, []).append(message.event)
                    self.news.notify_all()

    async def _move_clock(self) -> None:
        """Move to the next day that a story waits for, once no story has anything else to do."""
        while True:
            await asyncio.sleep(0.02)
            if not self.playing or set(self.waiting) != self.playing:
                continue
            name, (day, reached) = min(self.waiting.items(), key=lambda item: item[1][0])
            ahead = day - clock.today()
            if ahead > timedelta():
                clock.advance(min(ahead, timedelta(days=_STRIDE)))
                await asyncio.sleep(0.15)  # let the services' timers see the days
            else:
                del self.waiting[name]
                reached.set()

    async def until(self, story: str, day: date) -> None:
        """Wait until the clock shows `day`."""
        reached = asyncio.Event()
        self.waiting[story] = (day, reached)
        await reached.wait()

    def letters(self, address: str) -> list[dict[str, Any]]:
        """What is in the inbox of an address, newest first."""
        query = urllib.parse.urlencode({"to": address})
        with urllib.request.urlopen(f"{self.inbox_url}/letters.json?{query}", timeout=10) as answer:
            return json.load(answer)


class Scene:
    """What a story does and sees."""

    def __init__(self, director: Director, story: Story) -> None:
        self.director, self.story = director, story
        self.client_id = f"client-{story.name}"
        self.email = f"{story.name}@example.test"
        self._told: set[int] = set()

    @property
    def today(self) -> date:
        """The day on the clock that all services share."""
        return clock.today()

    def says(self, text: str) -> None:
        """A line of the story."""
        self.story.steps.append(Step(self.today, text))

    async def publish(self, *events: Event) -> None:
        """Something happens upstream."""
        await self.director.publish(*events)

    async def sees(self, kind: type[E], **fields: object) -> E:
        """Wait for an event about this client whose fields are these; each event is seen once.

        Raises StoryError: it did not come in time.
        """
        try:
            async with asyncio.timeout(SECONDS), self.director.news:
                while (event := self._find(kind, fields)) is None:
                    await self.director.news.wait()
                return event
        except TimeoutError:
            came = [type(event).noun_verb for event in self.director.events.get(self.client_id, [])][-12:]
            raise StoryError(f"{kind.noun_verb} {fields} did not come; the last were {', '.join(came)}") from None

    def _find(self, kind: type[E], fields: dict[str, object]) -> E | None:
        for event in self.director.events.get(self.client_id, []):
            if id(event) in self._told or not isinstance(event, kind):
                continue
            if all(getattr(event, name) == value for name, value in fields.items()):
                self._told.add(id(event))
                return event
        return None

    def saw(self, kind: type[Event]) -> bool:
        """Whether such an event has come that this story has not taken up yet."""
        come = self.director.events.get(self.client_id, [])
        return any(isinstance(event, kind) and id(event) not in self._told for event in come)

    def never_saw(self, kind: type[Event], **fields: object) -> None:
        """Raises StoryError where such an event came."""
        if self._find(kind, fields) is not None:
            raise StoryError(f"{kind.noun_verb} {fields} came, and should not have")

    def expects(self, what: str, shown: object, told: object) -> None:
        """Compare a figure with what the story tells. Raises StoryError."""
        if shown != told:
            raise StoryError(f"{what}: told {told}, found {shown}")

    async def days_pass(self, days: int) -> None:
        """Let time pass, for every story and service at once."""
        await self.director.until(self.story.name, self.today + timedelta(days=days))

    async def letter(self, words: str) -> dict[str, Any]:
        """The letter to the client that contains `words`. Raises StoryError."""
        for _ in range(100):
            letters = await asyncio.to_thread(self.director.letters, self.email)
            for letter in letters:
                if words in " ".join(letter["text"].split()):
                    return letter
            await asyncio.sleep(0.1)
        raise StoryError(f"no letter says “{words}”")

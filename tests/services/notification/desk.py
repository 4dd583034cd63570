"""A client with an address of their own, the service that writes to them, and the inbox where the letters arrive."""

import json
import urllib.request
import uuid
from datetime import timedelta

from services.notification.app import SERVICE
from services.notification.sending.sender import Post
from services.notification.settings import Settings
from shared.events.catalogue import CATALOGUE
from shared.events.examples import example
from shared.process.process import Process


def an(kind: str, client: str, **changes):
    """The example of an event, for this client, with changes."""
    model = CATALOGUE[f"{kind}.v1"]
    whose = {"client_id": client} if "client_id" in model.model_fields else {}
    return model.model_validate({**example(model), **whose, **changes})


class Inbox:
    """The embedded mail server, over HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url

    def to(self, address: str) -> list[dict]:
        with urllib.request.urlopen(f"{self.url}/letters.json?to={address}") as answer:
            return json.load(answer)

    def fault(self, **fault) -> None:
        headers = {"content-type": "application/json"}
        urllib.request.urlopen(
            urllib.request.Request(f"{self.url}/faults", json.dumps(fault).encode(), headers)
        ).close()


class Desk:
    """What a test says to the service about one client, and what came of it."""

    def __init__(self, sut, inbox: Inbox, smtp_url: str) -> None:
        self.sut, self.inbox = sut, inbox
        self.client = f"c-{uuid.uuid4().hex[:8]}"
        self.email = f"{self.client}@example.test"
        self.settings = {"database_url": sut.dsn, "smtp_url": smtp_url, "letter_gather_seconds": 0}

    def process(self, **settings) -> Process:
        process = Process(SERVICE, Settings(**{**self.settings, **settings}))
        process.pool = self.sut.pool
        return process

    def post(self, **settings) -> Post:
        return Post(self.process(**settings))

    def details(self, **client):
        return an("clients.client.changed", self.client, **{"email": self.email, "first_name": "Sam", **client})

    async def knows_everybody(self, **client) -> None:
        await self.sut.given(
            an("clients.client.registered", self.client, **{"email": self.email, "first_name": "Sam", **client}),
            an("clients.plans.entered", self.client),
            an("directory.payer.listed", self.client, name="Plan One Health", member_phone="+18005550111"),
            an("directory.provider.listed", self.client, email=f"provider-{self.email}"),
        )

    async def hears(self, kind: str, **changes) -> None:
        """Something happened to the client."""
        await self.sut.receives(an(kind, self.client, **changes))

    async def sends(self, **settings) -> list[dict]:
        """Send what is due; what has arrived for the client so far."""
        async with self.post(**settings) as post:
            while await post.take():
                await post.settled()
        await self.sut.collect()
        return self.inbox.to(self.email)

    def later(self, **time: float) -> None:
        self.sut.clock.now += timedelta(**time)

    async def states(self) -> list[tuple[str, str, str | None]]:
        """The client's letters with their state and reason, by name."""
        rows = await self.sut.pool.fetch(
            "select letter, state, reason from letters where client_id = $1 order by letter, asked_at", self.client
        )
        return [tuple(row) for row in rows]

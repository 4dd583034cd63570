"""The stand-in on a fresh database, with the demo's book."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from services.payers.app import service
from services.payers.book.book import DEMO_BOOK, read_book
from services.payers.settings import Directions
from tests.harness import ServiceUnderTest
from tests.services.payers.insurer_desk import Desk


async def _desk(service_under_test: Callable[[Any], Awaitable[ServiceUnderTest]]) -> Desk:
    book = read_book(DEMO_BOOK.read_bytes())
    return Desk(await service_under_test(service(lambda: Directions(book, {"ONE55*": ("unable_first",)}))))


@pytest.fixture
async def desk(service_under_test: Callable[[Any], Awaitable[ServiceUnderTest]]) -> Desk:
    """A stand-in that adjudicates after 5 days."""
    return await _desk(service_under_test)


@pytest.fixture
async def other_desk(service_under_test: Callable[[Any], Awaitable[ServiceUnderTest]]) -> Desk:
    """Another one like it, with a database of its own and the same clock."""
    return await _desk(service_under_test)

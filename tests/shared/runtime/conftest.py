"""What the tests of the runtime share: the probe, a service that only remembers what it has seen."""

from collections.abc import Awaitable, Callable

import pytest

from shared.runtime.service import Service
from tests.harness import ServiceUnderTest
from tests.runtime_probe.service import SERVICE


@pytest.fixture
async def probe(service_under_test: Callable[[Service], Awaitable[ServiceUnderTest]]) -> ServiceUnderTest:
    """The probe on a database of its own."""
    return await service_under_test(SERVICE)

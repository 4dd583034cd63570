"""The probe service on the shared stack."""

from collections.abc import AsyncGenerator

import pytest

from shared.kafka import creating_topics
from tests.runtime_probe.probe import Probe, adopt, skip_to_end
from tests.runtime_probe.service import SERVICE


@pytest.fixture
async def probe(kafka, new_database) -> AsyncGenerator[Probe]:
    """A probe that sees nothing of what other tests have sent."""
    await creating_topics.create(kafka)
    probe = Probe(kafka, await new_database(SERVICE))
    await skip_to_end(kafka, probe.name)
    await adopt(probe.dsn)
    yield probe
    await probe.stop()

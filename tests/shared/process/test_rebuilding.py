"""Which records a rebuild handles together."""

from types import SimpleNamespace
from typing import Any

import pytest

from shared.process.rebuilding import AT_A_TIME, fits

DAY_MS = 86_400_000


def record(topic: str, at_ms: int = 0) -> Any:
    return SimpleNamespace(topic=topic, timestamp=at_ms)


@pytest.mark.parametrize(
    ("batch", "then", "together"),
    [
        ([record("coverage")], record("sessions", 5), True),
        ([record("coverage")], record("payers.inbound", 5), False),
        ([record("payers.inbound")], record("coverage", 5), False),
        ([record("payers.inbound")], record("payers.inbound", 5), True),
        ([record("coverage")], record("coverage", DAY_MS), False),
        ([record("coverage")] * AT_A_TIME, record("coverage"), False),
    ],
    ids=["events", "an answer after events", "events after an answer", "answers", "another day", "enough"],
)
def test_a_payers_answer_is_handled_after_the_events_before_it_and_before_those_after_it(
    batch: list[Any], then: Any, together: bool
):
    assert fits(batch, then, "payers.inbound") is together


def test_a_service_that_reads_no_interchanges_handles_all_its_topics_together():
    assert fits([record("coverage")], record("claims"), None)

"""One stack after the other: each campaign goes by the clock of the stack that it plays on."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.faults.moved_clock import clock_of


class _Services:
    def __init__(self, file: str) -> None:
        self.clock_file = Path(file)


@pytest.mark.parametrize("before", [None, "/before"])
def test_the_next_stack_does_not_get_the_clock_of_the_last(monkeypatch, before):
    monkeypatch.delenv("CLOCK_OFFSET_FILE", raising=False)
    if before is not None:
        monkeypatch.setenv("CLOCK_OFFSET_FILE", before)
    first: Any = _Services("/first")

    with clock_of(first):
        assert os.environ["CLOCK_OFFSET_FILE"] == "/first"

    assert os.environ.get("CLOCK_OFFSET_FILE") == before

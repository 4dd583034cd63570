"""How a poll is cut into transactions."""

import pytest

from shared.runtime.deadletter import Incoming
from shared.runtime.subscription import portions

MEGABYTE = 1024 * 1024


@pytest.mark.parametrize(
    ("sizes", "parts"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([1_000] * 5, [5], id="small ones share a transaction"),
        pytest.param([10 * MEGABYTE, 10, 10], [1, 2], id="a large one stands alone"),
        pytest.param([10, 10 * MEGABYTE, 10], [1, 1, 1], id="between small ones too"),
        pytest.param([MEGABYTE // 2] * 5, [2, 2, 1], id="up to a megabyte"),
        pytest.param([None, None], [2], id="messages without a value"),
    ],
)
def test_large_messages_share_no_transaction(sizes: list[int | None], parts: list[int]):
    records = [
        Incoming("payers.inbound", "key", None if size is None else b"x" * size, (), f"payers.inbound/0/{n}")
        for n, size in enumerate(sizes)
    ]

    split = list(portions(records))

    assert [len(part) for part in split] == parts
    assert [record for part in split for record in part] == records

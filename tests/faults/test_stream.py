"""What upstream sends comes to the brokers, or is sent again."""

import asyncio
import random
from typing import Any

import pytest
from aiokafka.errors import KafkaTimeoutError

from tests.faults import stream as streams
from tests.faults.stream import Stream


class Producer:
    """Takes messages; those whose numbers are in `refused` are not acknowledged."""

    sent: list[bytes]
    refused: dict[int, str]

    def __init__(self, **_: Any) -> None:
        pass

    async def start(self) -> None:
        """Nothing to do."""

    async def stop(self) -> None:
        """Nothing to do."""

    async def send(self, _: str, value: bytes, __: bytes) -> asyncio.Future[None]:
        """Take one."""
        how = self.refused.pop(len(self.sent), "")
        self.sent.append(value)
        if how == "at once":
            raise KafkaTimeoutError
        acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        acknowledged.set_exception(KafkaTimeoutError()) if how else acknowledged.set_result(None)
        return acknowledged


@pytest.mark.parametrize("how", ["at once", "later"])
async def test_what_no_broker_acknowledged_is_sent_again(monkeypatch: pytest.MonkeyPatch, how: str):
    monkeypatch.setattr(streams, "AIOKafkaProducer", Producer)
    Producer.sent, Producer.refused = [], {}
    stream = Stream("nowhere", random.Random(1))
    await stream.start()
    directory = len(Producer.sent)
    Producer.refused = {directory + 1: how, directory + 4: how}

    await stream.session()
    await stream.deliver()

    first, again = Producer.sent[directory : directory + 4], Producer.sent[directory + 4 :]
    assert again == [first[1], first[1]], "the second time it was refused once more"
    assert stream.sent_again == 2

"""When Kafka last answered a consumer, and an end to all connections on which it no longer does.

A connection may die without a word: nothing comes on it, and no end either. aiokafka notices when a request times out,
and then on that connection alone: its next question goes to the next dead one, and waits as long. A consumer with three
brokers took minutes to come back so. Here the first request that times out ends all that were silent meanwhile.

aiokafka has no way to set TCP_USER_TIMEOUT, and that would not notice a broker whose machine still acknowledges.
"""

import time
from typing import Any

from aiokafka.conn import CloseReason
from aiokafka.errors import RequestTimedOutError
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.group import HeartbeatRequest

MARGIN_MS = 9_000
_MEMBER = (0, 27)
"""The answers to a heartbeat of a member: nothing is wrong, or the group is about to share its partitions anew."""


def longest_answer_ms(session_timeout_ms: int) -> int:
    """How long to wait for an answer.

    Kafka holds back the answer to a JoinGroup until the other members have joined: a session's length at the most.
    """
    return session_timeout_ms + MARGIN_MS


class Answers:
    """When Kafka last answered heartbeats and fetches; `watch` begins."""

    def __init__(self) -> None:
        self._heartbeat_at = self._fetch_at = 0.0

    def watch(self, consumer: Any) -> None:
        """Watch a started aiokafka consumer."""
        self._client, self._send = consumer._client, consumer._client.send
        self._client.send = self._watched
        self.count_anew()

    def count_anew(self) -> None:
        """Nothing was to be expected until now, as while partitions moved."""
        self._heartbeat_at = self._fetch_at = time.monotonic()

    def fetch_anew(self) -> None:
        """No fetch was to be expected until now, as while a batch was in hand."""
        self._fetch_at = time.monotonic()

    def heartbeat_within(self, seconds: float) -> bool:
        """Whether a heartbeat was answered so recently."""
        return time.monotonic() - self._heartbeat_at <= seconds

    def fetch_within(self, seconds: float) -> bool:
        """Whether a fetch was answered so recently, with or without messages."""
        return time.monotonic() - self._fetch_at <= seconds

    async def _watched(self, node: int, request: Any, **options: Any) -> Any:
        began = time.monotonic()
        try:
            answer = await self._send(node, request, **options)
        except RequestTimedOutError:
            self._end_silent(began)
            raise
        if isinstance(request, FetchRequest):
            self._fetch_at = time.monotonic()
        elif isinstance(request, HeartbeatRequest) and answer.error_code in _MEMBER:
            self._heartbeat_at = time.monotonic()
        return answer

    def _end_silent(self, since: float) -> None:
        """End the connections on which nothing has come since then; an idle one is made again when it is needed."""
        for connection in list(self._client._conns.values()):
            if connection.connected() and connection._last_action < since:
                connection.close(reason=CloseReason.CONNECTION_TIMEOUT)

"""A supervisor as services have one in production: what ended by itself is started again, and told."""

import asyncio
import contextlib
import json
import signal
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from deploy.embedded.services import Replica, Services

_LOOK_SECONDS = 0.5


@dataclass
class Supervisor:
    """Looks after the replicas that nobody wanted to end; those that a fault kills are replaced by the fault."""

    services: Services
    ended: Counter[str] = field(default_factory=Counter[str])
    """How often each service ended by itself."""
    _replaced: set[str] = field(default_factory=set[str])

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncGenerator[None]:
        """Look after them meanwhile."""
        looking = asyncio.create_task(self._keep_looking())
        try:
            yield
        finally:
            looking.cancel()

    async def _keep_looking(self) -> None:
        while True:
            self.look()
            await asyncio.sleep(_LOOK_SECONDS)

    def look(self) -> None:
        """Start another replica for each that has ended by itself."""
        for replica in [replica for replica in self.services.replicas if self._ended_by_itself(replica)]:
            self._replaced.add(replica.name)
            self.ended[replica.service] += 1
            said = {"name": "ended by itself", "replica": replica.name, "said": replica.child.tail(1)}
            print(json.dumps(said), flush=True)
            self.services.add(replica.service)

    def _ended_by_itself(self, replica: Replica) -> bool:
        child = replica.child
        if child.alive or child.asked or replica.name in self._replaced:
            return False
        return child.process.returncode != -signal.SIGKILL

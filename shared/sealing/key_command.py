"""What wraps data keys: a command, such as one that asks a key management service (KMS).

It is called with `wrap` or `unwrap` as its last argument, gets the bytes as one line of base64 on standard input, and
prints the answer likewise. What it is about (the service and the number of the data key) is in `DATA_KEY_ABOUT`, for a
KMS that binds what it wraps to a context.
"""

import asyncio
import os
import shlex
from base64 import b64decode, b64encode

from shared.sealing.key_encryption import KeyRefusedError

_SECONDS = 20.0


class KeyCommand:
    """A command that wraps and unwraps data keys."""

    name = "command"

    def __init__(self, command: str, seconds: float = _SECONDS) -> None:
        self._words, self._seconds = shlex.split(command), seconds

    async def wrap(self, secret: bytes, about: str) -> bytes:
        """The data key as the command wraps it. Raises KeyRefusedError."""
        return await self._asked("wrap", secret, about)

    async def unwrap(self, wrapped: bytes, about: str) -> bytes:
        """The data key as the command unwraps it. Raises KeyRefusedError."""
        return await self._asked("unwrap", wrapped, about)

    async def _asked(self, what: str, given: bytes, about: str) -> bytes:
        said = f"DATA_KEY_COMMAND {what} of {about}"
        try:
            process = await asyncio.create_subprocess_exec(
                *self._words,
                what,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,  # what a KMS says may hold what it was given
                env=os.environ | {"DATA_KEY_ABOUT": about},
            )
        except OSError as error:
            raise KeyRefusedError(f"{said}: {self._words[0]}: {error.strerror}") from None
        try:
            answer, _ = await asyncio.wait_for(process.communicate(b64encode(given) + b"\n"), self._seconds)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise KeyRefusedError(f"{said}: no answer within {self._seconds:g} seconds") from None
        if process.returncode:
            raise KeyRefusedError(f"{said}: it ended with {process.returncode}")
        try:
            return b64decode(answer.strip(), validate=True)
        except ValueError:
            raise KeyRefusedError(f"{said}: the answer is no base64") from None

"""Free ports that stay ours between choosing them and their server's listening on them."""

import socket


class Port:
    """A free TCP port on 127.0.0.1, held until `release`.

    The socket is bound before it allows the address to be reused: the kernel then gives the port to nobody who asks
    for any free one, and a server that names it and allows reuse (the JVM, PostgreSQL and asyncio do) can still bind.
    So two checkouts that start at once never meet, and a broker that is killed comes back on the same port.
    """

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.number: int = self._socket.getsockname()[1]

    def answers(self) -> bool:
        """Whether something listens on it by now."""
        try:
            socket.create_connection(("127.0.0.1", self.number), timeout=1).close()
        except OSError:
            return False
        return True

    def release(self) -> None:
        """Give the port back."""
        self._socket.close()

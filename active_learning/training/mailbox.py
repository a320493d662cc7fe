"""What worker processes of this machine tell the process that started them, while they work."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Client, Listener
from secrets import token_bytes
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Sender:
    """Picklable end of a mailbox, for the workers."""

    address: Any
    key: bytes

    def send(self, *message: Any) -> None:
        """Send; where nobody listens any more, nobody needs the message."""
        try:
            with Client(self.address, authkey=self.key) as connection:
                connection.send(message)
        except (OSError, EOFError):
            pass


class Mailbox:
    """Call a function for every message, in a thread of its own.

    Parameters
    ----------
    receive : callable
        Of what the parts of a message are. What it raises is raised again by ``check``.
    """

    def __init__(self, receive: Callable[..., None]) -> None:
        self._receive = receive
        self._key = token_bytes(32)
        try:
            self._listener = Listener(authkey=self._key, backlog=64)
        except OSError:  # in a folder for temporary files whose path is too long for a socket
            self._listener = Listener(("127.0.0.1", 0), authkey=self._key, backlog=64)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._listen, daemon=True)

    @property
    def sender(self) -> Sender:
        """The other end."""
        return Sender(self._listener.address, self._key)

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, after the messages that are on their way: an empty one is the sign."""
        self.sender.send()
        self._thread.join()
        self._listener.close()
        if error is None:
            self.check()

    def check(self) -> None:
        """Raise what went wrong with a message."""
        if self._error is not None:
            raise self._error

    def _listen(self) -> None:
        while True:
            try:
                with self._listener.accept() as connection:
                    message = connection.recv()
            except Exception:
                continue  # whatever a worker that was killed in the middle of a message leaves
            if not message:
                return
            try:
                self._receive(*message)
            except Exception as error:
                self._error = self._error or error

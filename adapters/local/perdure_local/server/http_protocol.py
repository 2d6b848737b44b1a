"""HTTP by llhttp's parser, as strict as h11 where that matters here, at a third of its price."""

from __future__ import annotations

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES: Final = 64 * 1024
"""How much of a request's head is kept while its end has not come."""


class AmbiguousHost(ValueError):
    """A request must say once whom it is for."""


class HttpProtocol(HttpToolsProtocol):
    """One connection of a client. It refuses what the parser would let pass.

    Two Host headers, where the gate would see one and somebody else the other; none at
    all; and a head without end.
    """

    _in_head = False
    _head_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Take in what came."""
        began_before = self._in_head
        super().data_received(data)
        if began_before and self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head is complete; what this raises, the parser reports and 400 answers."""
        self._in_head = False
        if [name for name, _ in self.headers].count(b"host") != 1:
            raise AmbiguousHost
        super().on_headers_complete()

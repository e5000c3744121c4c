"""Sockets that are opened to checked addresses only, and that all obey one deadline.

The check sits where the socket is opened, not in front of it: the address that was checked is the one connected to, so a
name that answers differently the second time (DNS rebinding) has no second time.
"""

from __future__ import annotations

import contextvars
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, override

import httpcore2

from kernel.errors import ForbiddenAddress, OutsideFailure, PermanentFailure, TemporaryFailure
from kernel.http_client.addresses import is_public_address

type Resolver = Callable[[str, int], Sequence[str]]
"""From a host name and port to the texts of its IP addresses, best first; raises `OSError` as `getaddrinfo` does."""

# A name with a hundred addresses, all of them silent, must not eat the whole deadline one by one.
_ADDRESSES_TRIED = 4
_PIECE = 16 * 1024
_NEVER = float("inf")
_deadline: contextvars.ContextVar[float] = contextvars.ContextVar("http_client_deadline", default=_NEVER)


def resolve_by_system(host: str, port: int) -> list[str]:
    """The addresses that the machine's own resolver knows for `host`, in its order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def place_of(host: str, port: int) -> str:
    """`host:port`, as it stands in a URL and in the list of places that may lie inside."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Whatever the sockets of this module do within the block, they stop `seconds` from now."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def _seconds_left(wanted: float | None, late: type[Exception]) -> float:
    """How long the next operation may take; raises `late` when the deadline has passed."""
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise late("the whole exchange took too long")
    return left if wanted is None else min(wanted, left)


class GuardedBackend(httpcore2.NetworkBackend):
    """Opens sockets to public addresses, and to the few `host:port` pairs that it was told to trust."""

    def __init__(self, *, allow_private: frozenset[str], resolve: Resolver) -> None:
        self._allow_private = allow_private
        self._resolve = resolve
        self._sockets = httpcore2.SyncBackend()

    @override
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        with deadline(_seconds_left(timeout, httpcore2.ConnectTimeout)):
            failure: Exception = httpcore2.ConnectError(f"{host} has no address")
            for address in self._checked_addresses(host, port)[:_ADDRESSES_TRIED]:
                left = _seconds_left(None, httpcore2.ConnectTimeout)
                try:
                    opened = self._sockets.connect_tcp(address, port, left, local_address, socket_options)
                except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                    failure = error
                else:
                    return _DeadlineStream(opened)
        raise failure

    def _checked_addresses(self, host: str, port: int) -> Sequence[str]:
        addresses = _resolve_in_time(self._resolve, host, port)
        # One bad address among good ones is enough: which one is used must not depend on luck.
        if place_of(host, port) not in self._allow_private and not all(is_public_address(address) for address in addresses):
            raise ForbiddenAddress(f"{host} is not on the public internet")
        return addresses


def _resolve_in_time(resolve: Resolver, host: str, port: int) -> Sequence[str]:
    """`resolve`, but no longer than the deadline allows: the system's resolver has no time-out of its own.

    A thread that comes too late is left to finish by itself; it touches nothing but its own list.
    """
    outcome: list[Sequence[str] | OSError | UnicodeError] = []

    def run() -> None:
        try:
            outcome.append(resolve(host, port))
        except (OSError, UnicodeError) as error:
            outcome.append(error)

    left = _seconds_left(None, httpcore2.ConnectTimeout)
    thread = threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True, name="resolve")
    thread.start()
    thread.join(None if left == _NEVER else left)
    if not outcome:
        raise httpcore2.ConnectTimeout(f"the name {host} was not resolved in time")
    if isinstance(outcome[0], OSError | UnicodeError):
        raise _resolution_failure(host, outcome[0]) from outcome[0]
    return outcome[0]


def _resolution_failure(host: str, error: OSError | UnicodeError) -> OutsideFailure:
    # A UnicodeError is Python's word for a label that is empty or too long.
    if isinstance(error, UnicodeError) or error.errno == socket.EAI_NONAME:
        return PermanentFailure(f"there is no host {host}", code="unknown_host")
    return TemporaryFailure(f"the name {host} could not be resolved: {error}", code="resolution_failed")


class _DeadlineStream(httpcore2.NetworkStream):
    """A socket whose every operation ends at the deadline, so that a trickle of bytes cannot keep it open for ever."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    @override
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _seconds_left(timeout, httpcore2.ReadTimeout))

    @override
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # In pieces, because the time-out below counts anew for each part that the other side takes.
        for start in range(0, len(buffer), _PIECE):
            self._inner.write(buffer[start : start + _PIECE], _seconds_left(timeout, httpcore2.WriteTimeout))

    @override
    def close(self) -> None:
        self._inner.close()

    @override
    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = _seconds_left(timeout, httpcore2.ConnectTimeout)
        return _DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, left))

    @override
    def get_extra_info(self, info: str) -> Any:  # Any: the interface of the library
        return self._inner.get_extra_info(info)

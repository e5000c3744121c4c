"""Requests to the outside: checked before they leave, followed with care, read within limits, failed by name."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Self, override

import httpcore2
import httpx2

from kernel import wiring
from kernel.errors import ForbiddenAddress, PermanentFailure, TemporaryFailure
from kernel.http_client.answer import HttpAnswer
from kernel.http_client.network import GuardedBackend, Resolver, deadline, place_of, resolve_by_system
from kernel.spans import span

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SAFE_METHODS = frozenset({"GET", "HEAD"})
_DEFAULT_PORTS = {"http": 80, "https": 443}
# All that another origin may learn from a request that was redirected to it: no authorization, no cookie, no key.
_HEADERS_FOR_STRANGERS = frozenset({"accept", "accept-encoding", "accept-language", "user-agent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how much: the total is never exceeded, redirects and name resolution included."""

    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    total_seconds: float = 20.0
    max_bytes: int = 5 * 1024 * 1024
    max_redirects: int = 3


class HttpClient:
    """Sends requests to the public internet; safe for threads, keeps connections, stores no cookies.

    `allow_private` names `host:port` pairs that may lie inside and be spoken to in plain HTTP: our own fakes and servers.
    It never comes from a person: a client for addresses that people type in has none. A redirect from outside does not
    reach them either.
    """

    def __init__(
        self,
        *,
        allow_private: Iterable[str] = (),
        schemes: frozenset[str] = frozenset({"https"}),
        ports: frozenset[int] = frozenset({443}),
        limits: Limits | None = None,
        ssl_context: ssl.SSLContext | None = None,
        resolve: Resolver = resolve_by_system,
    ) -> None:
        self._allow_private = frozenset(allow_private)
        self._schemes = schemes
        self._ports = ports
        self._limits = limits or Limits()
        self._pool = httpcore2.ConnectionPool(
            ssl_context=ssl_context or httpcore2.default_ssl_context(),
            max_connections=64,
            max_keepalive_connections=16,
            keepalive_expiry=15.0,
            network_backend=GuardedBackend(allow_private=self._allow_private, resolve=resolve),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are kept for the next request."""
        self._pool.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> HttpAnswer:
        """Send one request and read its answer, whatever its status; only GET and HEAD follow redirects.

        Raises `ForbiddenAddress` before anything is sent to the inside, `TemporaryFailure` when another try may help,
        `PermanentFailure` when it will not. Messages name the host, never the path or query, which may hold secrets.
        """
        limits = limits or self._limits
        with _failures_by_name(), deadline(limits.total_seconds):
            outgoing = httpx2.Request(method, url, params=params, headers=headers, content=content, json=json, data=form)
            outgoing.headers.setdefault("User-Agent", "Stoa")
            outgoing.headers.setdefault("Accept", "*/*")
            # What we can unpack within the size cap; the library would offer more.
            outgoing.headers["Accept-Encoding"] = "gzip, deflate"
            return self._follow(outgoing, limits)

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> HttpAnswer:
        """`request("GET", …)`."""
        return self.request("GET", url, params=params, headers=headers, limits=limits)

    def _follow(self, outgoing: httpx2.Request, limits: Limits) -> HttpAnswer:
        trusted = _place(outgoing.url) in self._allow_private
        for _hop in range(limits.max_redirects + 1):
            self._check_destination(outgoing, trusted=trusted)
            answer = self._exchange(outgoing, limits)
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not target or outgoing.method not in _SAFE_METHODS:
                return answer
            outgoing = _redirected(outgoing, target)
        raise PermanentFailure(f"{outgoing.url.host}: more than {limits.max_redirects} redirects", code="too_many_redirects")

    def _check_destination(self, outgoing: httpx2.Request, *, trusted: bool) -> None:
        """Refuse what no socket should even be opened for; the address itself is checked where the socket is opened."""
        url = outgoing.url
        if url.userinfo:
            raise ForbiddenAddress(f"{url.host}: an address must not carry a name or password", code="credentials_in_url")
        if not url.host or url.scheme not in _DEFAULT_PORTS:
            raise ForbiddenAddress(f"not an address on the web: {url.scheme}://{url.host}", code="forbidden_scheme")
        if outgoing.headers.get("Host") != url.netloc.decode("ascii"):
            raise ForbiddenAddress(f"{url.host}: the Host header must name the host", code="host_mismatch")
        place = _place(url)
        if place not in self._allow_private:
            self._check_outside(url)
        elif not trusted:
            raise ForbiddenAddress(f"a redirect from outside leads to {place}")

    def _check_outside(self, url: httpx2.URL) -> None:
        if url.scheme not in self._schemes:
            raise ForbiddenAddress(f"{url.scheme}://{url.host}: this scheme is not allowed", code="forbidden_scheme")
        if _port(url) not in self._ports:
            raise ForbiddenAddress(f"{_place(url)}: this port is not allowed", code="forbidden_port")

    def _exchange(self, outgoing: httpx2.Request, limits: Limits) -> HttpAnswer:
        # The host alone: path and query may hold secrets.
        attributes = {"http.request.method": outgoing.method, "server.address": outgoing.url.host}
        with span(outgoing.method, kind="client", attributes=attributes) as noted:
            answer = self._ask(outgoing, limits)
            noted.note(http__response__status_code=answer.status)
            return answer

    def _ask(self, outgoing: httpx2.Request, limits: Limits) -> HttpAnswer:
        url = outgoing.url
        incoming = self._pool.handle_request(
            httpcore2.Request(
                outgoing.method,
                httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=outgoing.headers.raw,
                content=outgoing.content,
                extensions={"timeout": _timeouts(limits)},
            )
        )
        with closing(incoming):
            received = httpx2.Response(incoming.status, headers=incoming.headers, stream=_Body(incoming), request=outgoing)
            headers = {name.lower(): value for name, value in received.headers.items()}
            body = _read(received, limits.max_bytes)
        return HttpAnswer(incoming.status, headers, body, str(url))


class _Body(httpx2.SyncByteStream):
    """Lends the bytes of the connection to the library's decoder."""

    def __init__(self, incoming: httpcore2.Response) -> None:
        self._incoming = incoming

    @override
    def __iter__(self) -> Iterator[bytes]:
        yield from self._incoming.iter_stream()


def _read(received: httpx2.Response, max_bytes: int) -> bytes:
    """The unpacked body; stops at the cap, so that neither an endless body nor a packed bomb fills the memory."""
    body = bytearray()
    for chunk in received.iter_bytes():
        body += chunk
        if len(body) > max_bytes:
            raise PermanentFailure(f"{received.url.host}: the answer exceeds {max_bytes} bytes", code="answer_too_large")
    return bytes(body)


def _redirected(outgoing: httpx2.Request, target: str) -> httpx2.Request:
    url = outgoing.url.join(target)
    keep_all = (url.scheme, _place(url)) == (outgoing.url.scheme, _place(outgoing.url))
    headers = {
        name: value
        for name, value in outgoing.headers.items()
        if name != "host" and (keep_all or name in _HEADERS_FOR_STRANGERS)
    }
    return httpx2.Request(outgoing.method, url.copy_with(fragment=None), headers=headers)


def _timeouts(limits: Limits) -> dict[str, float]:
    connect, read = limits.connect_seconds, limits.read_seconds
    return {"connect": connect, "pool": connect, "read": read, "write": read}


def _port(url: httpx2.URL) -> int:
    return _DEFAULT_PORTS.get(url.scheme, 0) if url.port is None else url.port


def _place(url: httpx2.URL) -> str:
    return place_of(url.raw_host.decode("ascii"), _port(url))


@contextmanager
def _failures_by_name() -> Iterator[None]:
    """Turn the libraries' many exceptions into the two that matter: worth another try, or not."""
    try:
        yield
    except httpcore2.TimeoutException as error:
        raise TemporaryFailure(f"timed out: {error}", code="timed_out") from error
    except httpcore2.ConnectError as error:
        if _is_certificate_refusal(error):
            raise PermanentFailure(f"the certificate was refused: {error}", code="certificate_refused") from error
        raise TemporaryFailure(f"no connection: {error}", code="connection_failed") from error
    except httpcore2.NetworkError as error:
        raise TemporaryFailure(f"the connection broke: {error}", code="connection_broken") from error
    except (httpcore2.RemoteProtocolError, httpx2.DecodingError) as error:
        raise TemporaryFailure(f"the answer was garbled: {error}", code="broken_answer") from error
    except (httpcore2.LocalProtocolError, httpx2.InvalidURL, UnicodeError) as error:
        raise PermanentFailure("the request could not be written", code="malformed_request") from error


def _is_certificate_refusal(error: httpcore2.ConnectError) -> bool:
    # The pool raises it anew without its cause, but the cause is also its only argument.
    return any(isinstance(argument, ssl.SSLCertVerificationError) for argument in error.args)


@cache
def default_client() -> HttpClient:
    """The process's client for our own vendors: the setting `HTTP_ALLOW_PRIVATE` lists the fakes it may reach inside.

    For an address that a person gave (a webhook, a calendar feed) make an `HttpClient()` of your own, which reaches none.
    """
    return HttpClient(allow_private=wiring.http_allow_private())


# A forked worker must not write into the connections of its parent.
os.register_at_fork(after_in_child=default_client.cache_clear)

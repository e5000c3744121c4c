"""Real servers on the loopback for the HTTP client's tests: plain sockets, so that they can misbehave in every way."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kernel import clock

type Reply = Callable[[socket.socket, bytes], None]


def answer(status: str = "200 OK", body: bytes = b"hello", *headers: str) -> Reply:
    """A well-behaved answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    head = "".join(f"{line}\r\n" for line in lines).encode()

    def reply(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(head + b"\r\n" + body)

    return reply


def redirect(target: str, status: str = "302 Found") -> Reply:
    return answer(status, b"", f"Location: {target}")


@dataclass
class Server:
    """`requests` holds the head and body of each request, `peers` the server's own address for each connection."""

    host: str
    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: list[str] = field(default_factory=list)
    server_names: list[str | None] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}"

    def head(self) -> str:
        """The head of the last request, in small letters."""
        return self.requests[-1].partition(b"\r\n\r\n")[0].decode().lower()


@contextlib.contextmanager
def serve(reply: Reply, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server on `host` that answers every request with `reply` until the block ends."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            served.connections.append(self.client_address[0])
            with contextlib.suppress(OSError):
                self.serve_all(tls.wrap_socket(self.request, server_side=True) if tls else self.request)

        def serve_all(self, connection: socket.socket) -> None:
            while request := read_request(connection):
                served.requests.append(request)
                reply(connection, request)
            connection.close()

    class Listener(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    listener = Listener((host, 0), Handler)
    served = Server(host, listener.server_address[1])
    if tls:
        tls.sni_callback = lambda _socket, name, _context: served.server_names.append(name)
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield served
    finally:
        served.over.set()
        listener.shutdown()
        thread.join()
        listener.server_close()


def read_request(connection: socket.socket) -> bytes:
    """One whole request, or nothing when the client has gone."""
    received = b""
    while b"\r\n\r\n" not in received:
        if not (part := connection.recv(65_536)):
            return b""
        received += part
    head, _blank, body = received.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        part = connection.recv(65_536)
        body += part
        received += part
    return received


@dataclass(frozen=True)
class Authority:
    """A certificate for `name`, signed by itself: what the server shows, and what a client must trust."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def authority_for(name: str, folder: Path) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / f"{name}.pem"
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return Authority(server, ssl.create_default_context(cafile=str(pem)))

"""A local mailbox: takes every mail by SMTP, keeps it as a file, and shows it on a page. For demo and tests."""

from __future__ import annotations

import argparse
import asyncio
import html
import re
import signal
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

_NAME = re.compile(r"^[0-9]+-[0-9]+$")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
_ENDS = tuple(".,;:!?'")
_BRACKETS = {")": "(", "]": "["}
_SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><link rel="stylesheet" href="/mailbox.css"><main><h1>{title}</h1>{body}</main></html>"""
_CSS = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: #f6f6f4; color: #1c1c1a }
main { max-width: 60rem; margin: auto; padding: 2rem 1rem }
a { color: #1d4ed8 }
ol { list-style: none; padding: 0 }
li, iframe, pre { background: #fff; border: 1px solid #ddd; border-radius: 8px }
li { margin: .5rem 0; padding: .75rem 1rem }
li span { color: #5b5b57 }
iframe { width: 100%; height: 80vh; min-height: 24rem; resize: vertical; box-sizing: border-box }
pre { white-space: pre-wrap; padding: 1rem }
/* Links with a token in them have no place to break at. */
li, dd, pre, h1 { overflow-wrap: anywhere }
dt { font-weight: 600 }
dd { margin: 0 0 .5rem }
"""


class Keeper:
    """aiosmtpd's handler: one file a message, named by time, so that the newest sorts last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        self._count += 1
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        path = self._folder / f"{time.time_ns()}-{self._count}"
        waiting = path.with_suffix(".part")
        await asyncio.to_thread(waiting.write_bytes, content)
        waiting.rename(path)
        return "250 Kept"


class Pages(BaseHTTPRequestHandler):
    """The list at `/`, one mail at `/<name>`, its HTML at `/<name>/html`, an attachment at `/<name>/<number>`."""

    folder: Path

    def do_GET(self) -> None:  # http.server's name
        name, _, part = unquote(self.path.split("?")[0]).strip("/").partition("/")
        if not name:
            self._send(_list_page(self.folder))
        elif name == "mailbox.css":
            self._send(_CSS, kind="text/css")
        elif not _NAME.match(name) or not (self.folder / name).exists():
            self._send(_PAGE.format(title="No such mail", body='<p><a href="/">All mail</a></p>'), status=HTTPStatus.NOT_FOUND)
        else:
            self._send_mail(name, part)

    def _send_mail(self, name: str, part: str) -> None:
        message = read_mail(self.folder / name)
        attachments = list(message.iter_attachments())
        if part == "html":
            body = message.get_body(("html",))
            self._send(_for_frame(body.get_content()) if body else "", sandbox=True)
        elif part.isdecimal() and int(part) < len(attachments):
            chosen = attachments[int(part)]
            content = chosen.get_payload(decode=True)
            self._send(content if isinstance(content, bytes) else b"", kind=chosen.get_content_type(), sandbox=True)
        else:
            self._send(_mail_page(name, message))

    def _send(
        self, body: str | bytes, *, kind: str = "text/html", status: HTTPStatus = HTTPStatus.OK, sandbox: bool = False
    ) -> None:
        content = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Content-Type-Options", "nosniff")
        # A mail is shown as a mail program would: styles and pictures, no script.
        policy = f"sandbox {_SANDBOX}; style-src 'unsafe-inline'; img-src * data:" if sandbox else ""
        self.send_header("Content-Security-Policy", f"default-src 'none'; {policy or "style-src 'self'; frame-src 'self'"}")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
        del format, args


def read_mail(path: Path) -> EmailMessage:
    """The kept message, parsed with the modern policy."""
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def kept_mails(folder: Path) -> list[Path]:
    """All kept messages, the newest first."""
    return sorted(
        (path for path in folder.iterdir() if _NAME.match(path.name)),
        key=lambda path: int(path.name.split("-")[0]),
        reverse=True,
    )


def _list_page(folder: Path) -> str:
    rows = [(path.name, read_mail(path)) for path in kept_mails(folder)[:200]]
    items = "".join(
        f'<li><a href="/{name}">{html.escape(str(mail["subject"]))}</a><br><span>to {html.escape(str(mail["to"]))}, '
        f"from {html.escape(str(mail['from']))}</span></li>"
        for name, mail in rows
    )
    return _PAGE.format(
        title="Local mailbox", body=f"<ol>{items}</ol>" if items else "<p>No mail yet. What Stoa sends appears here.</p>"
    )


def _mail_page(name: str, mail: EmailMessage) -> str:
    text = mail.get_body(("plain",))
    headers = "".join(
        f"<dt>{key}</dt><dd>{html.escape(str(mail[key] or ''))}</dd>" for key in ("From", "To", "Reply-To", "Date")
    )
    attachments = "".join(
        f'<li><a href="/{name}/{number}">{html.escape(part.get_filename() or "attachment")}</a></li>'
        for number, part in enumerate(mail.iter_attachments())
    )
    # Without script, forms and its own origin, also where a browser leaves out what the frame's own answer says.
    frame = f'<iframe src="/{name}/html" title="The mail as sent" sandbox="{_SANDBOX}"></iframe>'
    shown = frame if mail.get_body(("html",)) else ""
    return _PAGE.format(
        title=html.escape(str(mail["subject"])),
        body=f'<p><a href="/">All mail</a></p><dl>{headers}</dl>{shown}<h2>Attachments</h2><ol>{attachments}</ol>'
        f"<h2>As text</h2><pre>{linked(text.get_content() if text else '')}</pre>",
    )


def linked(text: str) -> str:
    """A mail's text as HTML, its addresses as links: they are what a tester clicks. What ends the sentence ends the link."""
    parts, last = [], 0
    for found in _ADDRESS.finditer(text):
        address = _without_end_of_sentence(found[0])
        escaped = html.escape(address)
        parts += [html.escape(text[last : found.start()]), f'<a href="{escaped}">{escaped}</a>']
        last = found.start() + len(address)
    return "".join([*parts, html.escape(text[last:])])


def _without_end_of_sentence(address: str) -> str:
    while (end := address[-1:]) in _ENDS or (end in _BRACKETS and address.count(end) > address.count(_BRACKETS[end])):
        address = address[:-1]
    return address


def _for_frame(letter: str) -> str:
    """Its links open in a tab of their own: in the frame they would be sandboxed, too."""
    return re.sub(r"(<head[^>]*>)", r'\1<base target="_blank">', letter, count=1)


def serve(folder: Path, *, smtp_port: int, http_port: int) -> None:
    """Run both servers until SIGTERM or SIGINT."""
    folder.mkdir(parents=True, exist_ok=True)
    Pages.folder = folder
    smtp = Controller(Keeper(folder), hostname="127.0.0.1", port=smtp_port, data_size_limit=30 * 1024 * 1024)
    smtp.start()
    pages = ThreadingHTTPServer(("127.0.0.1", http_port), Pages)
    Thread(target=pages.serve_forever, daemon=True).start()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    pages.shutdown()
    smtp.stop()


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    chosen = parser.parse_args()
    serve(chosen.folder, smtp_port=chosen.smtp_port, http_port=chosen.http_port)

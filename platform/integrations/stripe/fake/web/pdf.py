"""A small real PDF: one page of text, in one of the fonts that every reader has."""

from __future__ import annotations

from collections.abc import Sequence

_TOP, _LEFT, _LEADING = 790, 56, 16


def pdf_of(lines: Sequence[str]) -> bytes:
    """`lines` on an A4 page, the first one large; what the font has no sign for becomes a question mark."""
    parts = [f"BT /F1 18 Tf {_LEFT} {_TOP} Td ({_escaped(lines[0])}) Tj ET"]
    for place, line in enumerate(lines[1:], start=2):
        parts.append(f"BT /F1 10 Tf {_LEFT} {_TOP - place * _LEADING} Td ({_escaped(line)}) Tj ET")
    content = "\n".join(parts).encode("cp1252", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    return _written(objects)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _written(objects: Sequence[bytes]) -> bytes:
    """The objects with the table of where each begins."""
    body = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for place in places:
        body += b"%010d 00000 n \n" % place
    body += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(body)

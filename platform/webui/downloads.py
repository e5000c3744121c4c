"""Large downloads that go on where they broke off: one range of bytes per answer (RFC 9110 §14)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, parse_etags

type Read = Callable[[int, int], Iterator[bytes]]
"""From the first byte's number to before the last one's."""

_RANGE: Final = re.compile(r"bytes=(?P<first>\d{0,18})-(?P<last>\d{0,18})", re.IGNORECASE)


def download_response(
    request: HttpRequest, read: Read, *, size: int, etag: str, file_name: str, content_type: str
) -> HttpResponseBase:
    """The file, or the part of it that was asked for; 416 for a part behind its end.

    `etag` is the quoted strong validator: of another file nothing is sent as the rest of this one (If-Range).
    """
    asked = _asked(request, size, etag)
    if asked is None:
        # Content-Range says how long the file is, so that the client can ask again.
        unsatisfiable = HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
        unsatisfiable.headers["Content-Range"] = f"bytes */{size}"
        return unsatisfiable
    start, stop, is_part = asked
    answer: HttpResponseBase
    if request.method == "HEAD":
        answer = HttpResponse(content_type=content_type)
    else:
        answer = StreamingHttpResponse(read(start, stop), content_type=content_type)
    if is_part:
        answer.status_code = HTTPStatus.PARTIAL_CONTENT
        answer.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    answer.headers["Content-Length"] = str(stop - start)
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["ETag"] = etag
    answer.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=file_name) or "attachment"
    return answer


def is_beginning(answer: HttpResponseBase) -> bool:
    """Whether this answer begins the file, rather than going on with it."""
    return answer.status_code == HTTPStatus.OK or answer.headers.get("Content-Range", "").startswith("bytes 0-")


def _asked(request: HttpRequest, size: int, etag: str) -> tuple[int, int, bool] | None:
    """The first byte's number, that behind the last one, and whether a part was asked for; None for a range that is not there.

    Whatever is not one plain range of bytes is no range: the whole file is always a right answer.
    """
    whole = (0, size, False)
    found = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if found is None or not any(found.groups()) or not _is_same_file(request, etag):
        return whole
    if not found["first"]:
        # "bytes=-500" is the last 500.
        count = min(int(found["last"]), size)
        return (size - count, size, True) if count else None
    first = int(found["first"])
    stop = min(int(found["last"]) + 1, size) if found["last"] else size
    if found["last"] and int(found["last"]) < first:
        return whole
    return (first, stop, True) if first < size else None


def _is_same_file(request: HttpRequest, etag: str) -> bool:
    condition = request.headers.get("If-Range")
    return condition is None or parse_etags(condition) == [etag]

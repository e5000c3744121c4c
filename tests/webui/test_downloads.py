"""Downloads that go on: which bytes are sent for which question (RFC 9110 §14)."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from webui.downloads import download_response, is_beginning

CONTENT = bytes(range(256)) * 4
SIZE = len(CONTENT)
ETAG = '"abc"'


def _asked(method: str = "GET", size: int = SIZE, **headers: str):
    request = RequestFactory(headers=headers).generic(method, "/file")
    return download_response(
        request,
        lambda start, stop: iter([CONTENT[start:stop]]),
        size=size,
        etag=ETAG,
        file_name="acme-2026-11-21.zip",
        content_type="application/zip",
    )


def _body(answer) -> bytes:
    return b"".join(answer) if answer.streaming else answer.content


def test_without_a_range_the_whole_file_is_sent_under_its_name():
    answer = _asked()

    assert (answer.status_code, _body(answer)) == (200, CONTENT)
    assert answer["Content-Length"] == str(SIZE)
    assert answer["Accept-Ranges"] == "bytes"
    assert answer["ETag"] == ETAG
    assert answer["Content-Disposition"] == 'attachment; filename="acme-2026-11-21.zip"'


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        ("bytes=1000-", 1000, SIZE),
        ("bytes=1000-5000", 1000, SIZE),
        ("bytes=-24", SIZE - 24, SIZE),
        ("Bytes = 5-6", 5, 7),
    ],
)
def test_a_range_is_sent_as_that_part(asked, start, stop):
    answer = _asked(range=asked)

    assert (answer.status_code, _body(answer)) == (206, CONTENT[start:stop])
    assert answer["Content-Range"] == f"bytes {start}-{stop - 1}/{SIZE}"
    assert answer["Content-Length"] == str(stop - start)


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
def test_a_range_behind_the_end_is_refused_with_the_size(asked):
    answer = _asked(range=asked)

    assert answer.status_code == 416
    assert answer["Content-Range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=-", "bytes=0-1,5-6", "rows=0-1", "bytes=a-b", "bytes=" + "9" * 40 + "-"])
def test_what_is_no_plain_range_gets_the_whole_file(asked):
    assert (_asked(range=asked).status_code, _body(_asked(range=asked))) == (200, CONTENT)


def test_the_rest_of_another_file_is_never_sent():
    assert _asked(range="bytes=5-", if_range='"other"').status_code == 200
    assert _asked(range="bytes=5-", if_range="Sat, 21 Nov 2026 14:00:00 GMT").status_code == 200
    assert _asked(range="bytes=5-", if_range=f"W/{ETAG}").status_code == 200
    assert _asked(range="bytes=5-", if_range=ETAG).status_code == 206


def test_a_head_request_tells_the_size_and_opens_nothing():
    answer = _asked("HEAD")

    assert not answer.streaming
    assert (answer.content, answer["Content-Length"]) == (b"", str(SIZE))


def test_only_an_answer_with_the_first_byte_begins_the_file():
    assert is_beginning(_asked())
    assert is_beginning(_asked(range="bytes=0-9"))
    assert not is_beginning(_asked(range="bytes=9-"))
    assert not is_beginning(_asked(range="bytes=5000-"))


@given(first=st.integers(0, SIZE * 2), length=st.integers(1, SIZE * 2))
def test_parts_asked_for_one_after_the_other_make_up_the_file(first, length):
    got = b""
    while len(got) < SIZE:
        got += _body(_asked(range=f"bytes={len(got)}-{len(got) + length - 1}"))

    assert got == CONTENT
    assert _asked(range=f"bytes={first}-").status_code == (206 if first < SIZE else 416)

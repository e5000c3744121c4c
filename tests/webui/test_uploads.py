"""A body that is too heavy is refused by its announced length, before anybody reads it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

URL = "/accounts/login/"


@pytest.fixture
def limit(settings) -> int:
    settings.MAX_BODY_BYTES = 10_000
    return settings.MAX_BODY_BYTES


def _sent(client: Client, size: int):
    return client.post(URL, {"login": "a@b.example", "picture": SimpleUploadedFile("me.png", b"x" * size)})


def test_a_body_above_the_limit_is_refused_with_a_page_that_says_how_much_is_taken(platform_client, limit, monkeypatch):
    monkeypatch.setattr("django.http.request.HttpRequest._load_post_and_files", _fail)

    answer = _sent(platform_client, limit + 1)

    assert answer.status_code == 413
    assert "Too much at once" in answer.content.decode()
    assert "Content-Security-Policy" in answer.headers


def test_a_body_within_the_limit_is_read(platform_client, limit):
    assert _sent(platform_client, limit // 2).status_code == 200


@pytest.mark.parametrize("announced", ["", "-1", "ten", "1e9"])
def test_a_length_that_is_none_reaches_the_view_without_a_body(platform_client, limit, announced):
    answer = platform_client.generic("POST", URL, b"", CONTENT_LENGTH=announced)

    assert answer.status_code in {200, 400}


def _fail(*_arguments):
    raise AssertionError("the body was read")

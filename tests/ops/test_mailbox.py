"""The local mailbox's page: links that can be clicked, and letters that can do nothing."""

import re
from email.message import EmailMessage

import pytest

from ops.local.mailbox import _CSS, _for_frame, _mail_page, linked


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Open http://a.localhost:8000/x/.", "http://a.localhost:8000/x/"),
        ("Is it http://a.localhost/x?y=1&z=2?", "http://a.localhost/x?y=1&amp;z=2"),
        ("(see https://a.example/b)", "https://a.example/b"),
        ("https://a.example/b_(c), then", "https://a.example/b_(c)"),
        ("<https://a.example/b>", "https://a.example/b"),
        ("https://a.example/?q=a.b;", "https://a.example/?q=a.b"),
        ("https://a.example/...", "https://a.example/"),
    ],
)
def test_a_link_ends_before_what_ends_the_sentence(text, address):
    assert f'<a href="{address}">{address}</a>' in linked(text)


def test_text_around_links_stays_text():
    assert linked("<b> & https://a.example. 'so'") == (
        '&lt;b&gt; &amp; <a href="https://a.example">https://a.example</a>. &#x27;so&#x27;'
    )


def test_what_has_no_place_to_break_at_breaks_anyway():
    rule = re.search(r"^(.*) \{ overflow-wrap: anywhere \}", _CSS, re.MULTILINE)

    assert rule
    assert {"pre", "dd", "li"} <= set(rule[1].split(", "))


@pytest.fixture
def letter() -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = "Hello"
    mail.set_content("Hello")
    mail.add_alternative("<!doctype html><html><head><title>x</title></head><body>Hello</body></html>", subtype="html")
    return mail


def test_the_frame_of_a_letter_is_a_sandbox_without_script(letter):
    page = _mail_page("1-1", letter)

    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "allow-scripts" not in page


def test_a_letter_without_html_has_no_frame(letter):
    letter.clear()
    letter.set_content("Hello")

    assert "<iframe" not in _mail_page("1-1", letter)


def test_links_of_a_letter_open_outside_of_its_frame(letter):
    assert '<head><base target="_blank"><title>' in _for_frame(letter.get_body(("html",)).get_content())

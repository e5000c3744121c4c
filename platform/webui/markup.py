"""Markdown in, safe markup out: for an organization's own texts and for descriptions that programmers write."""

from __future__ import annotations

from typing import Final

import nh3
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

_TAGS: Final = {"p", "h2", "h3", "ul", "ol", "li", "strong", "em", "a", "blockquote", "br", "hr", "code", "table", "thead"} | {
    "tbody",
    "tr",
    "th",
    "td",
}
# Raw HTML stays text: an organization's words may not carry markup of their own, whatever the sanitiser behind would catch.
_MARKDOWN: Final = MarkdownIt("commonmark", {"html": False}).enable("table")


def safe_markup(markdown: str) -> SafeString:
    """Markdown as markup of a few harmless tags."""
    return _cleaned(_MARKDOWN.render(markdown))


def safe_inline_markup(markdown: str) -> SafeString:
    """One line of it, without a paragraph around."""
    return _cleaned(_MARKDOWN.renderInline(markdown))


def _cleaned(markup: str) -> SafeString:
    clean = nh3.clean(markup, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"https", "http", "mailto", "tel"})
    return SafeString(clean)  # cleaned by nh3 on the line above

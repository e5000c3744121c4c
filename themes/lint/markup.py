"""Rules about the HTML of templates: no code, no styles, no outside addresses, and what people with a screen reader need."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from themes.lint.findings import Finding
from themes.lint.source import Source

_FORBIDDEN = frozenset(
    {
        "script", "style", "iframe", "frame", "frameset", "object", "embed", "applet", "base", "meta", "link", "html", "head",
        "body", "template", "portal", "math", "foreignobject",
    }
)  # fmt: skip
_ADDRESSES = frozenset(
    {"src", "srcset", "href", "xlink:href", "action", "formaction", "poster", "data", "cite", "background", "ping", "manifest"}
)
_OUTSIDE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|//|\\\\|/\\)", re.IGNORECASE)
_CODE = re.compile(
    r"^[\s\x00-\x1f]*(?:j\s*a\s*v\s*a\s*s\s*c\s*r\s*i\s*p\s*t|v\s*b\s*s\s*c\s*r\s*i\s*p\s*t|data)\s*:", re.IGNORECASE
)
_TAGS = re.compile(r"{%.*?%}|{#.*?#}", re.DOTALL)
_COMMENTED = re.compile(r"{%\s*comment\b.*?%}.*?{%\s*endcomment\s*%}", re.DOTALL)
_TRANSLATED = re.compile(r"{%\s*blocktrans(?:late)?\b.*?%}.*?{%\s*endblocktrans(?:late)?\s*%}", re.DOTALL)
_VALUES = re.compile(r"{{.*?}}", re.DOTALL)
# Stands for a printed value: no letter, so that it is no word, no scheme and no attribute's name.
_VALUE = "\ufffc"
_BARE_VALUE = re.compile(rf"=\s*{_VALUE}|=\s*[^\s\"'>]+{_VALUE}")
_WORDS = re.compile(r"[^\W\d_]{2,}")


def markup_findings(source: Source) -> Iterator[Finding]:
    for path in source.below("templates/", ".html"):
        yield from check_markup(path, source.text(path))


def check_markup(path: str, text: str) -> Iterator[Finding]:
    plain = _without_template_language(text)
    reader = _Reader(path)
    reader.feed(plain)
    reader.close()
    yield from reader.findings
    yield from _section_findings(path, reader)
    yield from _untranslated(path, text)


def _without_template_language(text: str) -> str:
    """The HTML alone, every line and column where it was."""
    blanked = _COMMENTED.sub(_blank, text)
    valued = _VALUES.sub(lambda found: _blank(found, _VALUE), blanked)
    return _TAGS.sub(_blank, valued)


def _blank(found: re.Match[str], filler: str = " ") -> str:
    return re.sub(r"[^\n]", filler, found[0])


class _Reader(HTMLParser):
    """Collects findings, and what the template is made of."""

    def __init__(self, path: str) -> None:
        super().__init__(convert_charrefs=True)
        self.path = path
        self.findings: list[Finding] = []
        self.sections: list[str | None] = []
        self.headings: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _FORBIDDEN:
            self._find("T201", f"<{tag}>")
        if tag == "section":
            self.sections.append(dict(attrs).get("data-section"))
        if tag == "h1":
            self.headings.append(self.getpos()[0])
        if tag == "img" and "alt" not in dict(attrs):
            self._find("T206", "<img>")
        for name, value in attrs:
            self._check_attribute(tag, name, value or "")
        if _BARE_VALUE.search(re.sub(r"\"[^\"]*\"|'[^']*'", '""', self.get_starttag_text() or "")):
            self._find("T205", f"<{tag}>")

    handle_startendtag = handle_starttag

    def handle_decl(self, decl: str) -> None:
        self._find("T201", f"<!{decl[:20]}>")

    def handle_pi(self, data: str) -> None:
        self._find("T201", f"<?{data[:20]}>")

    def _check_attribute(self, tag: str, name: str, value: str) -> None:
        if name == "style":
            self._find("T202", f"<{tag} style>")
        elif name.startswith(("on", "hx-on", "srcdoc")):
            self._find("T203", f"<{tag} {name}>")
        elif _CODE.match(value):
            self._find("T203", f'{name}="{value[:40]}"')
        elif name in _ADDRESSES or name.startswith("hx-"):
            self._check_address(name, value)

    def _check_address(self, name: str, value: str) -> None:
        candidates = re.split(r",\s*", value) if name == "srcset" else [value]
        for candidate in candidates:
            if _OUTSIDE.match(candidate):
                self._find("T204", f'{name}="{candidate[:60]}"')

    def _find(self, code: str, what: str) -> None:
        self.findings.append(Finding(self.path, self.getpos()[0], code, what.replace(_VALUE, "…")))


def _section_findings(path: str, reader: _Reader) -> Iterator[Finding]:
    folder, _, name = path.removesuffix(".html").removeprefix("templates/").partition("/")
    if folder != "sections":
        return
    if name != "hero":
        yield from (Finding(path, line, "T208", "<h1>") for line in reader.headings)
    # A template that only fills another's blocks has no root of its own.
    if reader.sections and reader.sections[0] != name:
        yield Finding(path, 1, "T207", f'data-section="{name}" is missing')


def _untranslated(path: str, text: str) -> Iterator[Finding]:
    """Words that stand in the template itself, one finding for each piece."""
    plain = _without_template_language(_TRANSLATED.sub(_blank, text))
    reader = _Words()
    reader.feed(plain)
    reader.close()
    for line, words in reader.pieces:
        yield Finding(path, line, "T210", repr(words[:40]))


class _Words(HTMLParser):
    """The texts between elements."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[tuple[int, str]] = []

    def handle_data(self, data: str) -> None:
        words = data.replace(_VALUE, "").strip()
        if _WORDS.search(words):
            self.pieces.append((self.getpos()[0] + data[: len(data) - len(data.lstrip())].count("\n"), words))

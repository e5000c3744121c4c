"""Rules about a package's translations: readable, of texts that it shows, with the placeholders and markup of the original."""

from __future__ import annotations

import io
import re
from ast import literal_eval
from collections import Counter
from collections.abc import Iterator

from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError, read_po
from django.conf import settings
from django.template.base import Lexer, TokenType
from django.utils.translation import template as translating

from themes.engine.section_texts import is_text_key
from themes.lint.findings import Finding
from themes.lint.source import Source

_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]")
_ELEMENT = re.compile(r"<\s*/?\s*[a-z!?][^>]*>?|&#|javascript:", re.IGNORECASE)
_CALL = re.compile(
    r"(?P<function>n?p?gettext|_)\(u?(?P<one>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"(?:, u?(?P<two>'(?:[^'\\]|\\.)*'))?(?:, u?(?P<three>'(?:[^'\\]|\\.)*'))?"
)
# Which of a call's texts are ids, by its function: the others are contexts.
_ID_ARGUMENTS = {
    "_": slice(0, 1),
    "gettext": slice(0, 1),
    "ngettext": slice(0, 2),
    "pgettext": slice(1, 2),
    "npgettext": slice(1, 3),
}
_CATALOG = re.compile(r"locale/([a-zA-Z_]+)/LC_MESSAGES/theme\.po")


def catalog_findings(source: Source) -> Iterator[Finding]:
    shown = shown_texts(source)
    for path in source.below("locale/", ".po"):
        yield from _check(path, source.files[path], shown)


def _check(path: str, blob: bytes, shown: frozenset[str]) -> Iterator[Finding]:
    named = _CATALOG.fullmatch(path)
    language = named[1] if named else ""
    if language.lower().replace("_", "-") not in dict(settings.LANGUAGES):
        yield Finding(path, 0, "T501", f"{language!r} is not one of {', '.join(dict(settings.LANGUAGES))}")
        return
    try:
        blob.decode()
        catalog = read_po(io.BytesIO(blob), abort_invalid=True, ignore_obsolete=True)
    except (PoFileError, ValueError, TypeError, LookupError) as error:
        yield Finding(path, getattr(error, "lineno", 0) or 0, "T501", str(error) or type(error).__name__)
        return
    for message in catalog:
        if message.id:
            yield from _message_findings(path, message, shown)


def _message_findings(path: str, message: Message, shown: frozenset[str]) -> Iterator[Finding]:
    ids = message.id if isinstance(message.id, (list, tuple)) else (message.id,)
    texts = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
    line = message.lineno or 0
    if any(text not in shown for text in ids):
        yield Finding(path, line, "T502", repr(ids[0][:50]))
    written = [text for text in texts if text]
    if not written or message.fuzzy:
        yield Finding(path, line, "T505", repr(ids[0][:50]))
    for text in written:
        if not any(_same(_PLACEHOLDER, text, original) for original in ids):
            yield Finding(path, line, "T503", repr(text[:50]))
        if not any(_same(_ELEMENT, text, original) for original in ids):
            yield Finding(path, line, "T504", repr(text[:50]))


def _same(pattern: re.Pattern[str], one: str, other: str) -> bool:
    return Counter(pattern.findall(one)) == Counter(pattern.findall(other))


def shown_texts(source: Source) -> frozenset[str]:
    """Every text that the package says itself: in its templates, and as defaults and labels of its manifest."""
    return frozenset((*_template_texts(source), *_manifest_texts(source)))


def _template_texts(source: Source) -> Iterator[str]:
    for path in source.below("templates/", ".html"):
        yield from _texts_of(source.text(path))


def _texts_of(text: str) -> Iterator[str]:
    if any(token.token_type == TokenType.BLOCK and not token.split_contents() for token in Lexer(text).tokenize()):
        return
    try:
        # Django's own extraction for makemessages: the ids are exactly those that it would look up.
        prepared = translating.templatize(text, origin="theme")
    except SyntaxError:
        return
    for call in _CALL.finditer(prepared):
        quoted = [part for part in call.group("one", "two", "three") if part]
        yield from (str(literal_eval(part)) for part in quoted[_ID_ARGUMENTS[call["function"]]])


def _manifest_texts(source: Source) -> Iterator[str]:
    if source.package is None:
        return
    for schema in source.package.manifest.sections.values():
        for setting in schema.settings.values():
            for text in (setting.label, setting.default):
                if isinstance(text, str) and text and not is_text_key(text):
                    yield text

"""Rules about the template language: what compiles, which tags, filters and variables stand in it, and which files it names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from django.template import Template, TemplateSyntaxError
from django.template.base import FilterExpression, Lexer, Node, Token, TokenType
from django.template.engine import Engine
from django.template.loader_tags import ExtendsNode, IncludeNode

from themes.engine.packages import OPEN_TEMPLATES
from themes.lint.findings import Finding
from themes.lint.reading_nodes import bound_names, expressions, nodes_of
from themes.lint.source import LARGEST_TEXT, Source
from themes.lint.vocabulary import COMPONENTS, LIBRARIES, LIBRARY_MODULES, PARTS, REFUSED_FILTERS, TAGS, VARIABLES

_FOLDER = "templates/"
_SETTINGS_DEPTH = 3


@lru_cache
def _engine() -> Engine:
    """The platform's tags and no way to another file: nothing is rendered here."""
    return Engine(
        loaders=[("django.template.loaders.locmem.Loader", {})],
        libraries=dict(LIBRARY_MODULES),
        builtins=[LIBRARY_MODULES[name] for name in ("i18n", "ui", "art")],
        debug=False,
    )


def template_findings(source: Source) -> Iterator[Finding]:
    for path in source.below(_FOLDER, ".html"):
        name = path.removeprefix(_FOLDER)
        if name not in OPEN_TEMPLATES:
            yield Finding(path, 0, "T101", f"{name!r} is not one of {', '.join(sorted(OPEN_TEMPLATES))}")
            continue
        text = source.text(path)
        if not text and source.files[path]:
            yield Finding(path, 0, "T111", f"{len(source.files[path])} of at most {LARGEST_TEXT} bytes")
            continue
        yield from check_template(path, text, source)


def check_template(path: str, text: str, source: Source) -> Iterator[Finding]:
    tokens = [token for token in Lexer(text).tokenize() if token.token_type == TokenType.BLOCK]
    refused = list(_tag_findings(path, tokens))
    yield from refused
    if refused:
        # Their insides would be reported a second time, in Django's words.
        return
    try:
        template = Template(text, engine=_engine())
    except TemplateSyntaxError as error:
        yield Finding(path, _line(getattr(error, "token", None)), "T102", str(error).rstrip("."))
        return
    known = VARIABLES | bound_names(tokens)
    for node in nodes_of(template.nodelist):
        yield from _reference_findings(path, node)
        for expression in expressions(node):
            yield from _expression_findings(path, _line(node.token), expression, known, source)


def _tag_findings(path: str, tokens: list[Token]) -> Iterator[Finding]:
    for token in tokens:
        words = token.split_contents()
        tag = words[0] if words else ""
        if tag in ("autoescape", "endautoescape"):
            yield Finding(path, _line(token), "T110", f"{{% {token.contents} %}}")
        elif tag not in TAGS:
            yield Finding(path, _line(token), "T103", f"{{% {tag} %}}")
        elif tag == "load":
            yield from _load_findings(path, token, words[1:])


def _load_findings(path: str, token: Token, words: list[str]) -> Iterator[Finding]:
    libraries = words[words.index("from") + 1 :] if "from" in words else words
    for library in libraries:
        if library not in LIBRARIES:
            yield Finding(path, _line(token), "T104", repr(library))


def _reference_findings(path: str, node: Node) -> Iterator[Finding]:
    if not isinstance(node, (IncludeNode, ExtendsNode)):
        return
    expression: object = node.template if isinstance(node, IncludeNode) else node.parent_name
    name = expression.var if isinstance(expression, FilterExpression) and not expression.filters else None
    if not isinstance(name, str) or name not in OPEN_TEMPLATES | COMPONENTS:
        shown = name if isinstance(name, str) else getattr(expression, "token", "")
        yield Finding(path, _line(node.token), "T106", repr(str(shown)))


def _expression_findings(
    path: str, line: int, expression: FilterExpression, known: frozenset[str], source: Source
) -> Iterator[Finding]:
    for function, _arguments in expression.filters:
        name = getattr(function, "_filter_name", "")
        if name in REFUSED_FILTERS:
            yield Finding(path, line, "T105", f"|{name}")
    for lookups in _lookups(expression):
        yield from _variable_findings(path, line, lookups, known, source)


def _lookups(expression: FilterExpression) -> Iterator[tuple[str, ...]]:
    arguments = (argument for _function, given in expression.filters for is_variable, argument in given if is_variable)
    for variable in (expression.var, *arguments):
        found = getattr(variable, "lookups", None)
        if found:
            yield tuple(found)


def _variable_findings(
    path: str, line: int, lookups: tuple[str, ...], known: frozenset[str], source: Source
) -> Iterator[Finding]:
    first = lookups[0]
    if first not in known:
        yield Finding(path, line, "T107", repr(".".join(lookups)))
        return
    if len(lookups) > 1 and first in PARTS and lookups[1] not in PARTS[first]:
        yield Finding(path, line, "T108", repr(".".join(lookups)))
    if lookups[:2] == ("section", "settings") and len(lookups) >= _SETTINGS_DEPTH:
        section = path.removeprefix(f"{_FOLDER}sections/").removesuffix(".html")
        if source.package is not None and not _has_setting(source, section, lookups[2]):
            yield Finding(path, line, "T109", f"{section!r} has no {lookups[2]!r}")


def _has_setting(source: Source, section: str, setting: str) -> bool:
    schema = source.package.sections.get(section) if source.package else None
    return schema is not None and setting in schema.settings


def _line(token: Token | None) -> int:
    return token.lineno or 0 if token else 0

"""The rule for e-mail addresses: each has one form, which `kernel.emails` makes, and is compared in no other way.

Usage: `python -m ops.lint.emails [path …]` prints `file:line: CODE message` for each finding and exits with 1.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from typing import Final

from ops.lint.doors import SOURCES
from ops.lint.running import Finding, check_command_line

_HOME: Final = "platform/kernel/emails.py"
_FOLDED_LOOKUP: Final = re.compile(r"(?:\w+__)?\w*e?mail\w*__(?:iexact|iregex|istartswith|iendswith)")
_CHECKS: Final = frozenset({"validate_email", "EmailValidator", "normalize_email"})
_FOLDS: Final = frozenset({"lower", "upper", "casefold"})


def check_source(source: str, path: str) -> list[Finding]:
    """All findings in `source`, which stands at `path` (relative to the root, with slashes)."""
    if path == _HOME:
        return []
    return [
        Finding(path, line, code, message)
        for node in ast.walk(ast.parse(source, path))
        for line, code, message in _findings(node)
    ]


def _findings(node: ast.AST) -> Iterator[tuple[int, str, str]]:
    match node:
        case ast.keyword(arg=str(text)) | ast.Constant(value=str(text)) if _FOLDED_LOOKUP.fullmatch(text):
            yield node.lineno, "MAIL01", f"{text} takes one address for another (UPPER): use kernel.emails.email_is."
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name) if name in _CHECKS:
            yield node.lineno, "MAIL02", f"{name} lets several forms in: use kernel.emails.canonical_email or find_email."
        case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in _FOLDS and _is_email(value):
            yield node.lineno, "MAIL03", f".{name}() leaves the domain as it was: use kernel.emails."
        case ast.Call(func=ast.Name(id="Upper"), args=[ast.Constant(value=str(column))]) if "email" in column:
            yield node.lineno, "MAIL01", f"Upper({column!r}) is what iexact is made of: use kernel.emails.email_is."


def _is_email(value: ast.expr) -> bool:
    """Whether an expression is named after an address, tidied or not: `email`, `user.email`, `email.strip()`."""
    match value:
        case ast.Call(func=ast.Attribute(value=inner)):
            return _is_email(inner)
        case ast.Subscript(slice=ast.Constant(value=str(name))) | ast.Name(id=name) | ast.Attribute(attr=name):
            return "email" in name
        case _:
            return False


if __name__ == "__main__":
    sys.exit(check_command_line(check_source, SOURCES))

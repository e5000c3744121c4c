"""The apps rule: apps use each other only through the modules that they offer (CONTRIBUTING, rule 2).

Usage: `python -m ops.lint.apps [path …]` prints `file:line: CODE message` for each finding and exits with 1.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ops.lint.running import Finding, check_command_line

FOLDERS: Final = ("shared_apps", "tenant_apps")
OFFERED: Final = frozenset({"services", "selectors", "events", "types", "errors", "permissions"})
# No app but a tool box: base classes without a table, an address or a rule of its own, made to be derived from.
TOOLKITS: Final = frozenset({"shared_apps.rest"})


@dataclass(frozen=True)
class Use:
    """Names that one app takes from a module of another."""

    line: int
    app: str
    module: str
    names: frozenset[str]


def check_source(source: str, path: str) -> list[Finding]:
    """All findings in `source`, which stands at `path` (relative to the root, with slashes)."""
    tree = ast.parse(source, path)
    return [finding for use in _uses(tree, path) for finding in _judged(use, tree, path)]


def _uses(tree: ast.Module, path: str) -> Iterator[Use]:
    own = ".".join(path.split("/")[:2])
    for node in ast.walk(tree):
        for module, names in _imported(node):
            parts = module.split(".")
            app = ".".join(parts[:2])
            if parts[0] in FOLDERS and app not in TOOLKITS | {own}:
                yield Use(node.lineno, app, ".".join(parts[2:3]), names)  # type: ignore[attr-defined]  # an import has one


def _imported(node: ast.AST) -> Iterator[tuple[str, frozenset[str]]]:
    """Modules and the names taken from each. `from folder import app` and `from app import module` name modules, too."""
    match node:
        case ast.Import(names=names):
            yield from ((alias.name, frozenset()) for alias in names)
        case ast.ImportFrom(module=str(module), level=0, names=names):
            if module.count(".") < 2 and module.split(".")[0] in FOLDERS:  # noqa: PLR2004  # folder, app, module
                yield from ((f"{module}.{alias.name}", frozenset()) for alias in names)
            else:
                yield module, frozenset(alias.asname or alias.name for alias in names)


def _judged(use: Use, tree: ast.Module, path: str) -> Iterator[Finding]:
    if use.module in OFFERED:
        return
    if use.module != "models":
        offered = ", ".join(sorted(OFFERED))
        yield Finding(path, use.line, "APP01", f"{use.app}.{use.module} is its own business: use its {offered}.")
        return
    # A foreign key needs the class; so does a base class.
    if path.split("/")[2].removesuffix(".py") == "models":
        return
    if not use.names:
        yield Finding(path, use.line, "APP02", f"import the classes of {use.app}.models by name, for types only.")
    for name in sorted(use.names & _called(tree)):
        yield Finding(path, use.line, "APP02", f"{use.app}.models.{name} is used for more than a type: ask its selectors.")


def _called(tree: ast.Module) -> frozenset[str]:
    """The names that stand somewhere else than in an annotation or as the class that `isinstance` asks about."""
    types = {id(inner) for node in ast.walk(tree) for typed in _types_in(node) for inner in ast.walk(typed)}
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in types)


def _types_in(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.arg(annotation=ast.expr() as typed) | ast.AnnAssign(annotation=typed) | ast.TypeAlias(value=typed):
            yield typed
        case ast.FunctionDef(returns=ast.expr() as typed) | ast.AsyncFunctionDef(returns=ast.expr() as typed):
            yield typed
        case ast.Call(func=ast.Name(id="isinstance"), args=[_, typed]):
            yield typed
        case ast.ClassDef(bases=bases):
            yield from (base.slice for base in bases if isinstance(base, ast.Subscript))


if __name__ == "__main__":
    sys.exit(check_command_line(check_source, FOLDERS))

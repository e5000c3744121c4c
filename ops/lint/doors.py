"""The doors rule: the other ways into a schema, out to the network or out of the running context are banned (R1, R6, R57).

Usage: `python -m ops.lint.doors [path …]` prints `file:line: CODE message` for each finding and exits with 1.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ops.lint.running import Finding, check_command_line

SOURCES: Final = ("platform", "tenants", "shared_apps", "tenant_apps", "provisioning", "themes", "manage.py")

_ROLE_MOVE: Final = re.compile(
    r"(?:^|;)\s*(?:SET|RESET)\s+(?:LOCAL\s+|SESSION\s+)?(?:ROLE\b|SESSION\s+AUTHORIZATION\b)|set_config\(\s*'role'",
    re.IGNORECASE | re.MULTILINE,
)
# What reaches one node only, or what Citus does not do to a shard.
_ONE_NODE: Final = re.compile(
    r"(?:^|;)\s*(?:LISTEN|NOTIFY)\s+\S+\s*(?:$|[;,])|\bpg_notify\s*\(|\bALTER\s+SCHEMA\b.*\bRENAME\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Ban:
    """Names that may stand only in the files below `allowed`; `modules` are everyday words, which only an import bans."""

    code: str
    names: frozenset[str]
    allowed: tuple[str, ...]
    cure: str
    modules: frozenset[str] = frozenset()


BANS: Final = (
    Ban(
        "DOOR01",
        frozenset({"schema_context", "tenant_context", "set_schema", "set_schema_to_public", "set_tenant"}),
        ("tenants/backend/",),
        "enter a schema by tenants.scope.tenant_scope or platform_scope",
    ),
    Ban(
        "DOOR02",
        frozenset({"schema_scope", "SchemaScope", "owner_scope", "OwnerScope"}),
        ("tenants/", "provisioning/"),
        "the owner's work, past the second wall, is provisioning's business",
    ),
    Ban(
        "DOOR03",
        frozenset({"TENANT_LIMIT_SET_CALLS"}),
        ("tenants/checks.py",),
        "it trusts state that a pooled connection has lost",
    ),
    Ban(
        "DOOR04",
        frozenset({"Thread", "ThreadPoolExecutor", "ProcessPoolExecutor", "run_in_executor", "start_new_thread"}),
        (
            "platform/kernel/http_client/",  # resolves names under a time limit, and touches no scope
            "tenants/traffic/flushing.py",  # its one thread enters the platform's scope by itself
            "provisioning/fleet/engine.py",  # each of its threads enters the scopes of the tenants it brings along
        ),
        "a raw thread or executor starts outside of the scope",
    ),
    Ban(
        "DOOR05",
        frozenset({"httpx2", "httpcore2", "httpx", "urlopen", "urllib3", "aiohttp", "http.client"}),
        ("platform/kernel/http_client",),
        "every outgoing request goes through kernel.http_client",
        modules=frozenset({"requests"}),
    ),
    Ban(
        "DOOR06",
        frozenset({"environ", "getenv"}),
        ("platform/config/", "manage.py"),
        "config.env is the only reader of the environment",
    ),
)


def check_source(source: str, path: str) -> list[Finding]:
    """All findings in `source`, which stands at `path` (relative to the root, with slashes)."""
    return [finding for node in ast.walk(ast.parse(source, path)) for finding in _findings(node, path)]


def _findings(node: ast.AST, path: str) -> Iterator[Finding]:
    for ban in BANS:
        if path.startswith(ban.allowed):
            continue
        for name in _names(node) & (ban.names | ban.modules if isinstance(node, ast.Import | ast.ImportFrom) else ban.names):
            yield Finding(path, node.lineno, ban.code, f"{name} is banned here: {ban.cure}.")  # type: ignore[attr-defined]  # named nodes have one
    if isinstance(node, ast.With | ast.AsyncWith):
        yield from _tenant_as_context_manager(node, path)
    if isinstance(node, ast.Constant) and not path.startswith("tenants/") and _moves_role(node.value):
        yield Finding(path, node.lineno, "DOOR09", "The role follows the scope (tenants.backend): SQL of ours never sets it.")
    if isinstance(node, ast.Constant | ast.JoinedStr) and _ONE_NODE.search(_text(node)):
        yield Finding(
            path, node.lineno, "DOOR10", "Not for schemas on several nodes: Redis carries messages, schemas keep names."
        )
    if isinstance(node, ast.keyword) and node.arg == "thread_sensitive" and _is_false(node.value):
        yield Finding(path, node.lineno, "DOOR08", "thread_sensitive=False runs outside of the scope.")


def _names(node: ast.AST) -> set[str]:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return {name}
        case ast.ImportFrom(module=module, names=names):
            return {module or "", (module or "").split(".")[0]} | {alias.name for alias in names}
        case ast.Import(names=names):
            return {alias.name for alias in names} | {alias.name.split(".")[0] for alias in names}
        case _:
            return set()


def _tenant_as_context_manager(node: ast.With | ast.AsyncWith, path: str) -> Iterator[Finding]:
    for item in node.items:
        match item.context_expr:
            case ast.Name(id=name) | ast.Attribute(attr=name) if name == "tenant" or name.endswith("_tenant"):
                yield Finding(path, node.lineno, "DOOR07", f"with {name}: keeps its stack on the class; use tenant_scope.")


def _text(node: ast.AST) -> str:
    """The text that stands there; of an f-string with a word for each of its values."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part) or "value" for part in parts)
        case _:
            return ""


def _moves_role(value: object) -> bool:
    return isinstance(value, str) and _ROLE_MOVE.search(value) is not None


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


if __name__ == "__main__":
    sys.exit(check_command_line(check_source, SOURCES))

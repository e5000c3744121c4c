"""What the addresses of both hosts answer to GET, read from the URLconfs without asking any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLPattern, get_resolver

TENANT, PLATFORM = "config.urls_tenant", "config.urls_platform"


def readable_routes(urlconf: str) -> set[str]:
    """The names of all addresses that may be asked by GET (a view that does not say its methods may)."""
    return {name for name, view in _views(get_resolver(urlconf).url_patterns, ()) if _takes_get(view)}


def pages(urlconf: str) -> set[str]:
    """Those of them that people read: all but the API's, whose answers are JSON, and not its reference."""
    return {name for name in readable_routes(urlconf) if not name.startswith("api_") or name == "api_reference"}


def _views(patterns: list[Any], spaces: tuple[str, ...]) -> Iterator[tuple[str, Callable[..., Any]]]:
    # Any: Django's list of patterns and resolvers, and its views
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield ":".join([*spaces, pattern.name or str(pattern.pattern)]), pattern.callback
        else:
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _views(pattern.url_patterns, inner)


def _takes_get(view: Callable[..., Any]) -> bool:
    kind = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if kind is not None:
        return not any(hasattr(kind, method) for method in ("post", "put", "patch", "delete")) or hasattr(kind, "get")
    return all("GET" in methods for methods in _method_lists(view, set()))


def _method_lists(view: Callable[..., Any] | None, seen: set[int]) -> Iterator[list[str]]:
    """The lists that `require_http_methods` holds, at any depth of decorators."""
    while view is not None and id(view) not in seen:
        seen.add(id(view))
        names = view.__code__.co_freevars if hasattr(view, "__code__") else ()
        for name, cell in zip(names, getattr(view, "__closure__", None) or (), strict=True):
            if name == "request_method_list":
                yield cell.cell_contents
            elif hasattr(cell.cell_contents, "__closure__"):
                yield from _method_lists(cell.cell_contents, seen)
        view = getattr(view, "__wrapped__", None)

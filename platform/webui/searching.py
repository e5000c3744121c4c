"""What somebody searches for, as it stands in the address."""

from __future__ import annotations

from django.http import HttpRequest

_LONGEST = 100


def search_in(request: HttpRequest) -> str:
    """`?q=` without surrounding space, cut to a sane length; no zero byte, which PostgreSQL takes in no text."""
    return request.GET.get("q", "").replace("\0", "").strip()[:_LONGEST]

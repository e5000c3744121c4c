"""Whether a request comes from our own network, and not through the proxy from the internet."""

from __future__ import annotations

import ipaddress
from functools import cache
from typing import Final

from django.conf import settings
from django.http import HttpRequest

# Whatever the proxy passes on from the internet carries one of these; its own question carries none.
_FORWARDING: Final = ("X-Forwarded-For", "Forwarded", "Via")


def is_from_inside(request: HttpRequest) -> bool:
    """Whether somebody in INTERNAL_NETWORKS asks by themselves."""
    if any(name in request.headers for name in _FORWARDING):
        return False
    return _is_internal(request.META.get("REMOTE_ADDR", ""), tuple(settings.INTERNAL_NETWORKS))


@cache
def _networks(texts: tuple[str, ...]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


def _is_internal(text: str, networks: tuple[str, ...]) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    plain = getattr(address, "ipv4_mapped", None) or address
    return any(plain in network for network in _networks(networks))

"""Which IP addresses belong to the public internet, and so may be connected to on somebody's wish."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address

# The IANA registries of special-purpose addresses. Written out, since `is_private` and `is_global` of the standard
# library changed their minds between patch releases of Python 3.12, and call multicast global.
_INSIDE_V4: tuple[IPv4Network, ...] = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network; 0.0.0.0 reaches the loopback on Linux
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT; some clouds keep their metadata service here
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host agent, on an address that looks public
        "169.254.0.0/16",  # link-local: where most clouds keep their metadata service
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # the retired 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
# For IPv6 the other way round: only global unicast is public. That leaves out loopback, unique local (where AWS keeps its
# metadata service), link-local, site-local, multicast, and every form that hides an IPv4 address below 2000::/3: mapped
# (::ffff:0:0/96), compatible (::/96), translated (::ffff:0:0:0/96) and both NAT64 prefixes (64:ff9b::/96, 64:ff9b:1::/48).
_PUBLIC_V6 = IPv6Network("2000::/3")
_INSIDE_V6: tuple[IPv6Network, ...] = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, among them Teredo, which hides an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which hides an IPv4 address
        "3fff::/20",  # documentation
    )
)


def is_public_address(text: str) -> bool:
    """Whether `text` is an address of the public internet; what is no address at all is not."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _INSIDE_V4)
    return address in _PUBLIC_V6 and not any(address in network for network in _INSIDE_V6)

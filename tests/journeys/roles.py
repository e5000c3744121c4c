"""Who looks at pages, and where: one marketplace of the demo for each theme, and the platform."""

from __future__ import annotations

from typing import Final

GUEST, CUSTOMER, PROVIDER, OWNER, OPERATOR = "guest", "customer", "provider", "owner", "operator"
# Half way through sign-up, which a guest's browser would keep for the pages that follow.
NEWCOMER = "newcomer"
ZONE = "zone"
PLATFORM = "platform"
# Each marketplace's zone, and somebody of each role in it.
MARKETS: Final = {
    "brightnest": {OWNER: "moira@brightnest.example", PROVIDER: "ines@brightnest.example", ZONE: "Europe/London"},
    "northgate": {OWNER: "denise@northgate.example", PROVIDER: "mei-ling@northgate.example", ZONE: "America/Toronto"},
    "noctis": {OWNER: "vera@noctis.example", PROVIDER: "lena@noctis.example", ZONE: "Europe/Berlin"},
}
# The one that has a sandbox, once somebody has gone there, and that sandbox.
SANDBOXED: Final = "northgate"
SANDBOX: Final = f"{SANDBOXED}-sandbox"
OPERATOR_EMAIL: Final = "operator@stoa.example"

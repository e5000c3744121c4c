"""The version of Stripe's interface that this code was written and tested for."""

from __future__ import annotations

from typing import Final

# That of the locked library, written out: an upgrade of the library changes it only on purpose, together with the contract's
# shapes (tests/contracts/stripe), and webhook endpoints are created with it.
STRIPE_API_VERSION: Final = "2026-10-28.endive"

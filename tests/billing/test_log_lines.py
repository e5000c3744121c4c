"""What is logged of a refusal of Stripe's can be read, and says no secret."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from integrations.stripe.errors import NoSuchObject
from kernel.errors import PermanentFailure
from kernel.scrubbing import STRUCK, scrubbed
from shared_apps.billing.errors import CommandRefused
from shared_apps.billing.services.commands import _sentence
from shared_apps.billing.services.gateway import asking

SECRET = "sk_live_" + "a1b2c3d4"


def _written(entry: dict[str, object]) -> dict[str, object]:
    """As the log has it."""
    return {name: scrubbed(name, value) for name, value in entry.items()}


def test_why_stripe_refused_a_command_can_be_read():
    with capture_logs() as lines:
        _sentence(PermanentFailure("no such price", code="resource_missing"))

    assert _written(lines[0])["refusal"] == "resource_missing"


def test_so_can_why_it_refused_a_question():
    with capture_logs() as lines, pytest.raises(CommandRefused), asking():
        raise NoSuchObject(f"no such customer for {SECRET}", code="resource_missing")

    written = _written(lines[0])
    assert (written["refusal"], written["reason"]) == ("resource_missing", f"no such customer for {STRUCK}")


@pytest.mark.parametrize(("name", "value"), [("code", "123456"), ("key", "abc"), ("refusal", SECRET)])
def test_a_real_secret_stays_struck_out(name, value):
    """Negative control: only the name under which a refusal is told has changed."""
    assert scrubbed(name, value) == STRUCK

"""What a sandbox is called: near its marketplace's name, and for as long as there is the marketplace the same."""

from __future__ import annotations

from uuid import uuid4

import pytest

from provisioning.sandboxes.naming import free_sandbox_name, holder_of_sandbox_name, sandbox_names
from tenants.models import ReservedName
from tenants.registry import reserve_name
from tenants.scope import platform_scope
from tests.factories.tenants import ALPHA_ID


def test_a_long_name_is_cut_to_what_an_address_can_hold():
    names = list(sandbox_names("a" * 40))

    assert names[0] == "a" * 32 + "-sandbox"
    assert {len(name) for name in names} == {40}


@pytest.mark.django_db
def test_the_name_it_had_is_its_name_again_even_if_a_better_one_is_free(alpha):
    """Or links to the sandbox before would lead to whoever takes that name next."""
    with platform_scope(reason="test"):
        ReservedName.objects.create(slug="alpha-sandbox", holder=uuid4())
        first = _named()
        reserve_name(slug=first, holder=holder_of_sandbox_name(ALPHA_ID))
        ReservedName.objects.filter(slug="alpha-sandbox").delete()

        assert (first, _named()) == ("alpha-sandbox-2", "alpha-sandbox-2")


def _named() -> str:
    return free_sandbox_name(slug="alpha", source_id=ALPHA_ID)

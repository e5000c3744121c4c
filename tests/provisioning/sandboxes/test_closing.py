"""Closing and sandboxes: the sandbox goes first, and goes its own way; the pages say so beforehand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from provisioning.saga.engine import advance_to_end
from provisioning.sandboxes.ordering import order_sandbox, remove_sandbox
from provisioning.sandboxes.selectors import making_of, sandbox_of
from provisioning.types import RunState
from shared_apps.closing.services import close_organization, reopen_organization
from tenants.closing import obstacle_to_closing
from tenants.context import TenantContext
from tenants.errors import WrongState
from tests.provisioning.organizations import SYSTEM, again
from tests.provisioning.sandboxes.making import fresh


@pytest.fixture(autouse=True)
def _as_before(silent, market) -> Iterator[None]:
    """The twin is others', too."""
    yield
    if fresh(market.id).status == "closing":
        reopen_organization(actor=SYSTEM, tenant_id=market.id)
    standing = sandbox_of(market.id)
    if standing is not None:
        removed(market, standing.slug)


def removed(market: TenantContext, slug: str) -> None:
    making = making_of(sandbox_of(market.id).pk)
    remove_sandbox(actor=SYSTEM, tenant_id=market.id, confirmed_name=slug)
    assert advance_to_end(making.pk) == RunState.UNDONE, again(making).error


def test_who_has_a_sandbox_is_closed_when_that_is_gone(market, sandbox):
    with pytest.raises(WrongState, match=sandbox.slug):
        close_organization(actor=SYSTEM, tenant_id=market.id)
    assert fresh(market.id).status == "active"
    removed(market, sandbox.slug)

    close_organization(actor=SYSTEM, tenant_id=market.id)

    assert fresh(market.id).status == "closing"


def test_a_sandbox_itself_is_not_closed(sandbox):
    with pytest.raises(WrongState, match="removed"):
        close_organization(actor=SYSTEM, tenant_id=sandbox.id)

    assert fresh(sandbox.id).status == "active"
    obstacle = obstacle_to_closing(sandbox.id)
    assert "removed" in obstacle.words
    assert (obstacle.is_sandbox, obstacle.kin_id) == (True, fresh(sandbox.id).sandbox_of)


def test_no_sandbox_comes_to_life_of_one_that_closed_meanwhile(silent, market):
    run = order_sandbox(actor=SYSTEM, tenant_id=market.id)

    close_organization(actor=SYSTEM, tenant_id=market.id)

    assert advance_to_end(run.pk) == RunState.FAILED
    assert "not in service any more" in again(run).error
    assert obstacle_to_closing(market.id) is None

"""What a visitor has told of themselves stands in the form of sign-up: once, and for nobody else."""

import pytest

from shared_apps.accounts.services import greet_newcomer
from tenants.scope import tenant_scope

PAGE = "/accounts/signup/"
ADA = {"email": "ada@twin.example", "first_name": "Ada", "last_name": "Byron"}


@pytest.fixture
def greeted(alpha, alpha_client):
    """A browser in which Ada has told who she is."""
    # A session begins with something to keep.
    with tenant_scope(alpha):
        session = alpha_client.session
        greet_newcomer(session=session, **ADA)
        session.save()
    return alpha_client


def _shown(browser, page: str = PAGE) -> dict[str, str]:
    form = browser.get(page).context["form"]
    return {name: form[name].value() for name in ADA if form[name].value()}


def test_the_form_begins_with_what_was_told(greeted):
    assert _shown(greeted) == ADA


def test_the_next_visitor_at_the_same_browser_reads_nothing_of_it(greeted):
    _shown(greeted)

    assert _shown(greeted) == {}


@pytest.mark.parametrize(
    ("asked", "shown"),
    [("bea@twin.example", {"email": "bea@twin.example"}), ("ADA@twin.example", ADA | {"email": "ADA@twin.example"})],
)
def test_an_address_that_is_asked_for_counts_and_takes_no_other_persons_names(greeted, asked, shown):
    assert _shown(greeted, f"{PAGE}?email={asked}") == shown

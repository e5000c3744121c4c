"""Lives with something of ours broken on purpose: the proof of lives would have seen it."""

from __future__ import annotations

import pytest
import stripe

from integrations.stripe.fake.faults import Fault
from integrations.stripe.gateway.subscription import read_subscription
from kernel.errors import PermanentFailure
from kernel.ids import new_id
from provisioning import billing_letters
from shared_apps.billing.models import BillingAccount
from shared_apps.billing.services import commands, reconciling
from shared_apps.billing.services.writing import write_subscription
from tests.billing.lives import life, post, walks
from tests.billing.lives.conftest import Lives
from tests.billing.lives.post import News, Post

pytestmark = [pytest.mark.django_db, pytest.mark.proves("billing.lives")]
_MOST = 30


def _is_seen(lives: Lives, word: str, *, size: int = 4) -> bool:
    """Whether one of some small batches breaks, and says so; in a harder world, so that it does not take long."""
    batches = (lives(seed, size=size, trouble=0.8).broken for seed in range(100, 100 + _MOST))
    return any(word in each for broken in batches for each in broken)


def _lose_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credit is given all the time, and the answer to that is what is lost."""
    monkeypatch.setattr(life, "API_FAULTS", (Fault.LOST,))
    monkeypatch.setattr(life, "ASKED", ("POST /v1/customers",))
    monkeypatch.setattr(walks, "RUNNING", {"give_credit": 1})


@pytest.mark.control
def test_another_key_for_each_try_is_seen(lives, monkeypatch):
    asked = commands.ask

    def ask(gateway, account, command):
        command.idempotency_key = f"new:{new_id()}"
        return asked(gateway, account, command)

    monkeypatch.setattr(commands, "ask", ask)
    _lose_answers(monkeypatch)

    assert _is_seen(lives, "twice")


@pytest.mark.control
def test_believing_an_event_instead_of_fetching_its_object_is_seen(lives, monkeypatch):
    looked = post.look_at

    def believe(news: News) -> None:
        if news.subject.kind != "customer.subscription":
            looked(news)
            return
        account = BillingAccount.objects.filter(stripe_customer_id=news.content["customer"]).first()
        if account is not None:
            said = stripe.Subscription.construct_from({**news.content}, "sk_test_local")
            write_subscription(account.tenant_id, read_subscription(said))

    monkeypatch.setattr(post, "look_at", believe)
    monkeypatch.setattr(life, "ORDERS", 1.0)
    # Which asks, and mends in the end what was believed; what comes is only late.
    monkeypatch.setattr(Post, "compare", lambda _post: 0)
    monkeypatch.setattr(post, "ON_THE_WAY", ("webhook out of order",))

    assert _is_seen(lives, "unexplained")


@pytest.mark.control
def test_a_letter_without_a_key_is_seen(lives, monkeypatch):
    monkeypatch.setattr(billing_letters, "_key", lambda _event: str(new_id()))

    # Only the first two have owners to be written to.
    assert _is_seen(lives, "written twice", size=2)


@pytest.mark.control
def test_taking_no_answer_for_a_no_is_seen(lives, monkeypatch):
    asked = commands.ask

    def ask(gateway, account, command):
        try:
            return asked(gateway, account, command)
        except commands.TemporaryFailure as failure:
            raise PermanentFailure("no answer", code="none") from failure

    monkeypatch.setattr(commands, "ask", ask)
    _lose_answers(monkeypatch)

    assert _is_seen(lives, "twice")


@pytest.mark.control
def test_a_reconciler_that_never_runs_is_seen(lives, monkeypatch):
    monkeypatch.setattr(post, "ON_THE_WAY", ("webhook lost",))
    monkeypatch.setattr(Post, "find", lambda _post: None)
    monkeypatch.setattr(Post, "compare", lambda _post: 0)

    assert _is_seen(lives, "lost")


@pytest.mark.control
def test_metered_items_that_do_not_follow_the_plan_are_seen(lives, monkeypatch):
    monkeypatch.setattr(reconciling, "follow_plans", lambda _theirs: 0)

    assert _is_seen(lives, "metered")

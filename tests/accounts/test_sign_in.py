"""Signing in and out, on the platform and on each marketplace."""

import pytest

from shared_apps.accounts.models import User
from tenants.scope import platform_scope, tenant_scope
from tests.factories.people import PASSWORD, is_signed_in, make_twins, make_user, sign_in


def test_a_customer_signs_in_and_lands_on_their_account(alpha, alpha_client):
    with tenant_scope(alpha):
        make_user()

    answer = sign_in(alpha_client)

    assert answer.status_code == 302
    assert answer["Location"] == "/account/"
    assert is_signed_in(alpha_client)

"""One door: what is written in a tenant is seen there and nowhere else."""

import pytest

from shared_apps.accounts.models import User
from tenants.errors import NoTenant, WrongTenant
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope

pytestmark = pytest.mark.proves("isolation.backend")


def test_rows_of_one_tenant_are_invisible_to_its_twin_and_to_the_platform(alpha, beta):
    with tenant_scope(alpha):
        User.objects.create_user("ada@twin.example", "a long password")

    with tenant_scope(alpha):
        assert User.objects.count() == 1
    with tenant_scope(beta):
        assert User.objects.count() == 0
    with platform_scope(reason="test"):
        assert User.objects.count() == 0
        assert Tenant.objects.count() == 2


def test_a_query_without_a_scope_is_refused(alpha):
    with pytest.raises(NoTenant):
        User.objects.count()


def test_an_instance_of_one_tenant_cannot_be_saved_in_another(alpha, beta):
    with tenant_scope(alpha):
        user = User.objects.create_user("ada@twin.example", "a long password")

    with tenant_scope(beta), pytest.raises(WrongTenant):
        user.save()

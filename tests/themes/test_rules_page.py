"""The how-to of themes names every rule, tag of trust and variable that the linter knows."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from tenant_apps.storefront.types import HomePage
from tenants.context import TenantContext
from themes.lint.rules import RULES
from themes.lint.vocabulary import LIBRARIES, PARTS

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "themes.md").read_text()


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_the_how_to_says_each_rule_as_the_linter_does(rule):
    assert f"| {rule.code} | {rule.level} | {rule.title} | {rule.cure} |" in PAGE


def test_the_how_to_names_no_rule_that_is_gone():
    named = {line.split("|")[1].strip() for line in PAGE.splitlines() if line.startswith("| T")}

    assert named == set(RULES)


def test_the_how_to_names_what_templates_know():
    for name in {*LIBRARIES, *PARTS["tenant"], *PARTS["page"]}:
        assert f"`{name}`" in PAGE, name


def test_what_the_linter_lets_through_is_what_pages_have():
    assert PARTS["page"] <= {field.name for field in fields(HomePage)} | set(dir(HomePage))
    assert all(hasattr(TenantContext, name) or name in TenantContext.__dataclass_fields__ for name in PARTS["tenant"])


def test_no_template_is_shown_what_only_the_platform_knows_of_a_tenant():
    secret = {"schema", "storage_prefix", "search_path", "database", "plan", "payment_notice", "brand_kit", "theme_digest"}

    assert secret <= set(dir(TenantContext)) | set(TenantContext.__dataclass_fields__)
    assert not PARTS["tenant"] & secret

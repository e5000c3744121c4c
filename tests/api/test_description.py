"""The OpenAPI document and the page made of it, on both hosts."""

import re

import pytest
from django.urls import get_resolver
from openapi_spec_validator import OpenAPIV31SpecValidator

from shared_apps.rest.openapi import describe
from shared_apps.rest.reference import operations_of, problems_of
from tenant_apps.api.problems import PROBLEMS

URLCONFS = ["tenant_apps.api.urls", "provisioning.api.urls"]


@pytest.fixture(params=["alpha_client", "platform_client"])
def client(request):
    return request.getfixturevalue(request.param)


def test_the_document_is_valid_openapi_31(client):
    document = client.get("/api/v1/openapi.json").json()

    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def _first_read(document):
    return next(item["get"] for item in document["paths"].values() if "get" in item)


_SPOIL = {
    "no title": lambda document: document["info"].pop("title"),
    "an answer without a word": lambda document: next(iter(_first_read(document)["responses"].values())).pop("description"),
    "a value in the path that nobody describes": lambda document: document["paths"].update(
        {"/api/v1/things/{thing}": {"get": {"responses": {"200": {"description": "A thing."}}}}}
    ),
    "a type that is none": lambda document: next(iter(document["components"]["schemas"].values())).update(type="thing"),
    "one name for all": lambda document: [
        operation.update(operationId="same") for item in document["paths"].values() for operation in item.values()
    ],
}


@pytest.mark.parametrize("fault", _SPOIL)
def test_the_validator_would_notice(client, fault):
    """Negative control: one fault at a time in a document that has none (the test above)."""
    document = client.get("/api/v1/openapi.json").json()
    _SPOIL[fault](document)

    assert list(OpenAPIV31SpecValidator(document).iter_errors())


def test_the_document_names_the_host_that_gives_it_out(alpha_client, platform_client):
    servers = [client.get("/api/v1/openapi.json").json()["servers"] for client in (alpha_client, platform_client)]

    assert servers == [[{"url": "http://alpha.localhost"}], [{"url": "http://localhost"}]]


@pytest.mark.parametrize("urlconf", URLCONFS)
def test_every_address_is_described_with_its_way_in(urlconf):
    document = describe(urlconf, "Marketplace API" if urlconf.startswith("tenant") else "Platform API")

    described = {re.sub(r"{\w+}", "{}", path) for path in document["paths"]}
    routes = {str(pattern.pattern) for pattern in get_resolver(urlconf).url_patterns if pattern.name}
    routes -= {"openapi.json", "docs", ""}
    assert described == {"/api/v1/" + re.sub(r"<\w+:\w+>", "{}", route) for route in routes}
    for item in document["paths"].values():
        for operation in item.values():
            assert operation["security"]
            assert "application/problem+json" in operation["responses"]["default"]["content"]


@pytest.mark.parametrize("urlconf", URLCONFS)
def test_describing_leaves_no_warning(urlconf, capsys):
    from drf_spectacular.drainage import GENERATOR_STATS

    GENERATOR_STATS.reset()
    describe.__wrapped__(urlconf, "Test")

    assert not GENERATOR_STATS._warn_cache
    assert not GENERATOR_STATS._error_cache


def test_the_page_shows_every_operation_without_inline_code(client):
    page = client.get("/api/v1/docs")

    document = client.get("/api/v1/openapi.json").json()
    assert page.status_code == 200
    for operation in operations_of(document):
        assert f'id="{operation.anchor}"' in page.text
    assert not re.search(r"<script(?![^>]*\bsrc=)", page.text)
    assert not re.search(r"<style|\sstyle=|\son\w+=", page.text)


def test_a_problems_type_leads_to_its_place_on_the_page(alpha_client):
    page = alpha_client.get("/api/v1/docs").text

    for problem in problems_of(PROBLEMS):
        assert f'id="problem-{problem.code}"' in page


def test_the_page_tells_fields_of_fields(alpha_client):
    page = alpha_client.get("/api/v1/docs").text

    assert "<code>customer.email</code>" in page
    assert "<code>items[].price.amount_minor</code>" in page

"""Rows of an organization are known before PostgreSQL has ever analyzed its tables, or said not to be counted yet."""

from __future__ import annotations

import pytest
from django.db import connection
from django.template.loader import render_to_string

from provisioning.health import gathering
from tenants.scope import cluster_scope


@pytest.mark.django_db
@pytest.mark.parametrize(("estimate", "expected"), [(-1, 7), (0, 0), (40, 40)])
def test_a_table_that_was_never_analyzed_is_counted_by_what_was_written_into_it(alpha, monkeypatch, estimate, expected):
    """The catalog's estimate and the server's statistics stand in the statement as numbers: neither waits for a test."""
    statement = gathering._ROWS.replace("c.reltuples", f"({estimate})::real").replace("pg_stat_get_live_tuples(c.oid)", "7")
    monkeypatch.setattr(gathering, "_ROWS", statement)

    with cluster_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r'", [alpha.schema])
        tables = cursor.fetchone()[0]
        (rows, _dead) = gathering._rows([alpha.schema])[alpha.schema]

    assert tables > 10
    assert rows == expected * tables


@pytest.mark.parametrize(("rows", "words"), [(0, "not counted yet"), (12, "12")])
def test_what_nobody_counted_yet_is_not_said_to_be_nothing(rows, words):
    page = render_to_string("provisioning/console/health_figures.html", {"health": {"figures": {"rows": rows}}})

    assert f'<dt>Rows</dt>\n    <dd class="num">{words}</dd>' in page

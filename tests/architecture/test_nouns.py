"""No sentence of a marketplace's code says "provider" by itself: the noun is the organization's (tenants.vocabulary)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "N_"}
NOUN = re.compile(r"(?<!DNS )(?<!mail )\bproviders?\b", re.IGNORECASE)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\{.*?\}\}")
TRANSLATED = re.compile(
    r"""\{%\s*trans(?:late)?\s+(["'])(?P<text>.*?)\1|\{%\s*blocktrans(?:late)?[^%]*%\}(?P<block>.*?)\{%\s*endblocktrans""",
    re.DOTALL,
)
FOLDERS = ("tenant_apps", "themes", "platform/webui", "shared_apps/accounts", "shared_apps/domains")


def sentences_of(path: Path, source: str) -> Iterator[str]:
    """Every text of a file that is translated, without its placeholders."""
    if path.suffix == ".py":
        found = _in_code(ast.parse(source))
    else:
        found = (match["text"] or match["block"] or "" for match in TRANSLATED.finditer(source))
    return (PLACEHOLDER.sub("", text) for text in found)


def _in_code(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
            yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_sentence_calls_the_people_of_a_marketplace_providers(folder):
    files = [path for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".html", ".txt"}]

    found = [f"{path}: {text}" for path in files for text in sentences_of(path, path.read_text()) if NOUN.search(text)]

    assert files
    assert found == []


@pytest.mark.parametrize(
    ("name", "source", "count"),
    [
        ("a.py", 'x = _("Ask the provider.")', 1),
        ("a.py", 'x = _("%(provider)s says yes") % {"provider": 1}', 0),
        ("a.html", '{% translate "Search providers" %}', 1),
        ("a.html", "{% blocktranslate with a=b %}The Provider {{ a }}{% endblocktranslate %}", 1),
        ("a.html", "{% blocktranslate with provider=words.provider %}Our {{ provider }}{% endblocktranslate %}", 0),
        ("a.html", "{% translate 'at your DNS provider' %}", 0),
    ],
)
def test_the_noun_is_found_in_code_and_in_templates(name, source, count):
    assert len([text for text in sentences_of(Path(name), source) if NOUN.search(text)]) == count

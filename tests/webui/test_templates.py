"""Rules for every template of every app: nothing inline, no icon that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.webui.sources import BUILT, ROOT, all_files, all_templates

COMMENT = re.compile(r"\{#.*?#\}|\{% comment .*?endcomment %\}|<!--.*?-->", re.DOTALL)
# A tag with its attributes; what Django writes into attributes may hold quotes of its own.
TAG = re.compile(r"<([a-z][\w-]*)((?:\{%.*?%\}|\{\{.*?\}\}|\"[^\"]*\"|'[^']*'|[^'\">])*)>", re.DOTALL)
INLINE_HANDLER = re.compile(r"[\s\"']on[a-z]+\s*=", re.IGNORECASE)
ICONS = [
    re.compile(r"\{% icon [\"']([a-z0-9-]+)[\"']"),
    re.compile(r"\bicon\s*[=:]\s*[\"']([a-z0-9-]+)[\"']"),
    re.compile(r"[\"']icon[\"']\s*:\s*[\"']([a-z0-9-]+)[\"']"),
]


def inline_code(source: str) -> list[str]:
    """What a strict policy would block, or what only works with `unsafe-inline`."""
    found = []
    for tag, attributes in TAG.findall(COMMENT.sub("", source)):
        bare = re.sub(r"\"[^\"]*\"|'[^']*'", '""', re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", attributes))
        if re.search(r"[\s\"']style\s*=", bare, re.IGNORECASE):
            found.append("style attribute")
        if INLINE_HANDLER.search(bare) or re.search(r"\bhx-on\b", bare):
            found.append("handler attribute")
        if tag == "style" or (tag == "script" and not re.search(r"\bsrc\s*=|type=\"application/json\"", attributes)):
            found.append(f"inline {tag}")
        if re.search(r"(?:href|src|action)\s*=\s*[\"']?\s*(?:javascript|data):", attributes, re.IGNORECASE):
            found.append("script or data address")
    return found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('<p style="color: red">', ["style attribute"]),
        ('<button class="btn" onclick="go()">', ["handler attribute"]),
        ('<b hx-on:click="x">', ["handler attribute"]),
        ("<script>go()</script>", ["inline script"]),
        ("<style>p{}</style>", ["inline style"]),
        ('<a href="javascript:go()">', ["script or data address"]),
        ('<a {% if x > 1 %}class="y"{% endif %} style="z">', ["style attribute"]),
    ],
)
def test_the_finder_finds_inline_code(source, expected):
    assert inline_code(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        '<script type="module" src="/static/webui/ui.js"></script>',
        '<p title="turn on=off" class="style">',
        "<a href=\"{% url 'x' on=1 %}\">style = onclick=</a>",
        '<input{% if a %} name="on"{% endif %}>',
        "{# <p style='x'> #}",
    ],
)
def test_the_finder_leaves_good_templates_alone(source):
    assert inline_code(source) == []


# Letters are no pages: mail programs know inline styles only, and no content policy reaches them.
PAGES = [path for path in all_templates() if "notifications" not in path.parts]


@pytest.mark.parametrize("template", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_template_holds_no_inline_code(template: Path):
    assert inline_code(template.read_text()) == []


def icons_in_use() -> dict[str, str]:
    """Each icon that a template, a module or a manifest names, with one place that does."""
    files = [path for path in all_files(".html", ".py", ".toml") if "tests" not in path.parts]
    return {
        name: path.relative_to(ROOT).as_posix()
        for path in files
        for pattern in ICONS
        for name in pattern.findall(path.read_text())
    }


def test_every_icon_in_use_is_in_the_sprite():
    drawn = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (BUILT / "icons.svg").read_text()))

    missing = {name: place for name, place in icons_in_use().items() if name not in drawn}

    assert len(drawn) > 100
    assert len(icons_in_use()) > 20, "the scan must see the icons that there are"
    assert missing == {}, "add them to platform/webui/assets/icons.txt and run `npm run build`"


def test_the_sprite_holds_shapes_only():
    sprite = (BUILT / "icons.svg").read_text()

    assert not re.search(r"<script|\son\w+=|href=|style=|http(?!://www\.w3\.org/2000/svg)", sprite)

"""One breach of each of the linter's rules: what to put into a clean package, and where the complaint must point."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image

from themes.packing.skeleton import skeleton_files

ID = "mint"
STATS = "templates/sections/stats.html"
CSS = "static/theme.css"
SVG = "static/img/leaf.svg"
PO = "locale/fr/LC_MESSAGES/theme.po"
TOML = "theme.toml"


@dataclass(frozen=True, slots=True)
class Breach:
    """`files` replace those of a clean package; None takes one away. The complaint is at `line` of `file`."""

    code: str
    file: str
    line: int
    files: Mapping[str, bytes | str | None]

    def __str__(self) -> str:
        return f"{self.code}-{self.file}-{next(iter(self.files.values()))!r:.40}"


def clean() -> dict[str, bytes]:
    return dict(skeleton_files(ID))


def with_files(changes: Mapping[str, bytes | str | None]) -> dict[str, bytes]:
    files = clean()
    for path, content in changes.items():
        if content is None:
            del files[path]
        else:
            files[path] = content.encode() if isinstance(content, str) else content
    return files


def manifest(old: str, new: str) -> str:
    text = clean()[TOML].decode()
    assert old in text
    return text.replace(old, new)


def stats(markup: str) -> dict[str, bytes | str | None]:
    """A section whose third line is `markup`."""
    head = '{% load i18n %}\n<section data-section="stats"><h2>{{ section.settings.title }}</h2>\n'
    return {STATS: f"{head}{markup}\n</section>"}


def css(declarations: str) -> dict[str, bytes | str | None]:
    """A stylesheet whose third line is `declarations`."""
    return {CSS: f"@layer theme {{\n.mint-stats {{\n{declarations}\n}}\n}}"}


def sheet(text: str) -> dict[str, bytes | str | None]:
    return {CSS: text}


def svg(inside: str, attributes: str = "") -> dict[str, bytes | str | None]:
    """A drawing whose second line is `inside`."""
    return {
        SVG: f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"{attributes}>\n{inside}\n</svg>'
    }


def po(entry: str) -> dict[str, bytes | str | None]:
    """A catalogue whose entry begins on its fourth line, for a template that says "Hello <b>%(name)s</b>"."""
    template = stats("{% blocktranslate with name=tenant.name %}Hello <b>{{ name }}</b>{% endblocktranslate %}")
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    return {PO: f"{head}{entry}\n", **template}


def picture(kind: str, size: tuple[int, int] = (2, 2)) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size).save(written, kind)
    return written.getvalue()


def font(*, metadata: int = 0, more: bytes = b"", signature: bytes = b"wOF2") -> bytes:
    """A WOFF2 file with one table of four (packed) bytes."""
    directory = bytes([0x00, 0x04])
    body = directory + b"\0\0" + b"\0\0\0\0"
    packed = 4
    header = struct.pack(
        ">4sIIHHIIHHIIIII", signature, 0x00010000, 48 + len(body) + len(more), 1, 0, 64, packed, 1, 0, metadata, 0, 0, 0, 0
    )
    return header + body[: 2 + packed] + b"\0\0" + more


_REAL = {"fr": 'msgid "Hello <b>%(name)s</b>"\nmsgstr '}

BREACHES: tuple[Breach, ...] = (
    Breach("T002", "static/evil.js", 0, {"static/evil.js": "alert(1)"}),
    Breach("T002", "static/img/Leaf.svg", 0, {"static/img/Leaf.svg": "<svg/>"}),
    Breach("T002", "templates/sections/.htaccess", 0, {"templates/sections/.htaccess": ""}),
    Breach("T003", TOML, 0, {f"static/img/p{n}.png": picture("PNG") for n in range(401)}),
    Breach("T003", TOML, 0, {"README.md": b"x" * (5 * 1024 * 1024 + 1)}),
    Breach("T004", TOML, 2, {TOML: manifest('id = "mint"', "")}),
    Breach("T004", TOML, 3, {TOML: manifest('id = "mint"', 'id = "lime"')}),
    Breach("T004", TOML, 19, {TOML: manifest("radius = 10", "radius = 99")}),
    Breach("T004", TOML, 32, {TOML: manifest('label = "t:label.title"', 'label = "t:gone"')}),
    Breach("T004", TOML, 13, {TOML: manifest('sections = ["stats"]', 'sections = ["checkout"]')}),
    Breach("T004", TOML, 3, {TOML: manifest('id = "mint"', "id = ")}),
    Breach("T005", TOML, 13, {TOML: manifest('sections = ["stats"]', 'sections = ["map"]')}),
    Breach("T006", "presets/quiet.toml", 4, {"presets/quiet.toml": 'name = "Q"\n\n[tokens]\nradius = 99\n'}),
    Breach("T006", "presets/quiet.toml", 1, {"presets/quiet.toml": "name = 1\n[tokens]\nradius = 9\n"}),
    Breach("T006", "presets/quiet.toml", 2, {"presets/quiet.toml": 'name = "Q"\nx = \n'}),
    Breach("T010", TOML, 0, {"preview/mobile.webp": None}),
    Breach("T011", TOML, 2, {TOML: manifest('license = "MIT"\n', "")}),
    Breach(
        "T012", TOML, 28, {TOML: manifest('id = "title"', 'id = "lede"'), STATS: '<section data-section="stats"></section>'}
    ),
    Breach("T101", "templates/checkout.html", 0, {"templates/checkout.html": "<p></p>"}),
    Breach("T102", STATS, 3, stats("{% if tenant %}")),
    Breach("T102", STATS, 3, stats("{{ tenant.name|nonsense }}")),
    Breach("T103", STATS, 3, stats("{% csrf_token %}")),
    Breach("T103", STATS, 3, stats("{% debug %}")),
    Breach("T103", STATS, 3, stats("{% filter safe %}x{% endfilter %}")),
    Breach("T103", STATS, 3, stats("{% url 'account_login' %}")),
    Breach("T104", STATS, 3, stats("{% load cache %}")),
    Breach("T104", STATS, 3, stats("{% load month from calendars %}")),
    Breach("T105", STATS, 3, stats("{{ tenant.name|safe }}")),
    Breach("T105", STATS, 3, stats("{% if tenant.name|safe %}{% endif %}")),
    Breach("T105", STATS, 3, stats("{% with x=tenant.name|safe %}{{ x }}{% endwith %}")),
    Breach("T106", STATS, 3, stats("{% include page.search %}")),
    Breach("T106", STATS, 3, stats('{% include "registration/login.html" %}')),
    Breach("T106", STATS, 1, {STATS: '{% extends "layouts/base.html" %}'}),
    Breach("T107", STATS, 3, stats("{{ request.user.email }}")),
    Breach("T107", STATS, 3, stats("{% for x in settings.SECRET_KEY %}{% endfor %}")),
    Breach("T107", STATS, 3, stats("{% if tenant.name == csrf_token %}{% endif %}")),
    Breach("T107", STATS, 3, stats("{{ tenant.name|default:request }}")),
    Breach("T108", STATS, 3, stats("{{ tenant.storage_prefix }}")),
    Breach("T109", STATS, 3, stats("{{ section.settings.colour }}")),
    Breach("T110", STATS, 3, stats("{% autoescape off %}{{ tenant.name }}{% endautoescape %}")),
    Breach("T111", STATS, 0, {STATS: b"\xff\xfe<p>"}),
    Breach("T111", STATS, 0, {STATS: "x" * (64 * 1024 + 1)}),
    Breach("T201", STATS, 3, stats("<script src='/x.js'></script>")),
    Breach("T201", STATS, 3, stats("<STYLE></STYLE>")),
    Breach("T201", STATS, 3, stats("<iframe></iframe>")),
    Breach("T201", STATS, 3, stats("<meta http-equiv='refresh'>")),
    Breach("T202", STATS, 3, stats('<p style="color: var(--c-ink)"></p>')),
    Breach("T203", STATS, 3, stats('<p onclick="go()"></p>')),
    Breach("T203", STATS, 3, stats('<a href=" java\tscript:go()"></a>')),
    Breach("T203", STATS, 3, stats('<p hx-on:click="go()"></p>')),
    Breach("T204", STATS, 3, stats('<img alt="" src="https://tracker.example/p.gif">')),
    Breach("T204", STATS, 3, stats('<img alt="" src="//tracker.example/p.gif">')),
    Breach("T204", STATS, 3, stats('<img alt="" srcset="/a.png 1x, https://tracker.example/p.gif 2x">')),
    Breach("T204", STATS, 3, stats('<p hx-get="https://tracker.example/"></p>')),
    Breach("T205", STATS, 3, stats("<p id={{ tenant.slug }}></p>")),
    Breach("T205", STATS, 3, stats("<p class=x{{ tenant.slug }}></p>")),
    Breach("T206", STATS, 3, stats('<img src="{{ tenant.content.logo_url }}">')),
    Breach("T207", STATS, 1, {STATS: "<section><h2>{{ section.settings.title }}</h2></section>"}),
    Breach("T208", STATS, 3, stats("<h1>{{ tenant.name }}</h1>")),
    Breach("T210", STATS, 3, stats("<p>Hello there</p>")),
    Breach("T301", CSS, 3, css("color;")),
    Breach("T302", CSS, 1, sheet(".a { margin: 0 }\n@layer theme {}")),
    Breach("T302", CSS, 2, sheet("@layer theme {}\n@layer base { .a { margin: 0 } }")),
    Breach("T302", CSS, 1, sheet("@layer theme, base;")),
    Breach("T303", CSS, 1, sheet('@import "other.css";\n@layer theme {}')),
    Breach("T303", CSS, 3, css("} @property --x { syntax: '*'; inherits: false; } .b {")),
    Breach("T304", CSS, 3, css("background: url(https://tracker.example/p.gif)")),
    Breach("T304", CSS, 3, css("background: url(//tracker.example/p.gif)")),
    Breach("T304", CSS, 3, css("background: url(data:image/png;base64,AAAA)")),
    Breach("T304", CSS, 3, css(r"background: \75 rl(\68 ttps://tracker.example/p.gif)")),
    Breach("T304", CSS, 3, css('background: image-set("https://tracker.example/p.gif" 1x)')),
    Breach("T304", CSS, 3, css('--own: url("HTTPS://tracker.example")')),
    Breach("T305", CSS, 3, css("background: url(img/gone.webp)")),
    Breach("T305", CSS, 3, css("background: url(../../other/static/theme.css)")),
    Breach("T306", CSS, 3, css("color: #0f9d8a")),
    Breach("T306", CSS, 3, css("box-shadow: 0 0 1px rgb(0 0 0 / 20%)")),
    Breach("T306", CSS, 3, css("background: linear-gradient(red, var(--c-bg))")),
    Breach("T306", CSS, 3, css("--own: oklch(0.5 0.1 20)")),
    Breach("T307", CSS, 3, css("color: var(--c-gone)")),
    Breach("T308", CSS, 3, css("--c-ink: var(--c-bg)")),
    Breach("T309", CSS, 3, css("margin-left: 4px")),
    Breach("T309", CSS, 3, css("text-align: right")),
    Breach("T309", CSS, 3, css("border-top-left-radius: 4px")),
    Breach("T310", CSS, 3, css("outline: none")),
    Breach("T311", CSS, 3, css("font-size: 9px")),
    Breach("T312", CSS, 2, sheet("@layer theme {\nbody { margin: 0 }\n}")),
    Breach("T313", CSS, 0, sheet("".join(f"/* {n * n * 7919 % 1000003:x}{n * 31 % 977:x} */" for n in range(9000)))),
    Breach("T314", CSS, 3, css("margin: 0 !important")),
    Breach("T315", CSS, 3, css("position: fixed")),
    Breach("T401", SVG, 3, svg("<g>")),
    Breach("T401", SVG, 1, {SVG: '<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>'}),
    Breach("T401", SVG, 1, {SVG: "<html></html>"}),
    Breach("T401", SVG, 0, {SVG: '<svg xmlns="http://www.w3.org/2000/svg"/>'.encode("utf-16")}),
    Breach("T402", SVG, 2, svg("<script>alert(1)</script>")),
    Breach("T402", SVG, 2, svg("<style>*{fill:red}</style>")),
    Breach("T402", SVG, 2, svg("<foreignObject/>")),
    Breach("T402", SVG, 2, svg('<set attributeName="href" to="https://x.example"/>')),
    Breach("T402", SVG, 2, svg('<x:script xmlns:x="http://www.w3.org/1999/xhtml"/>')),
    Breach("T402", SVG, 1, svg("", ' onload="alert(1)"')),
    Breach("T402", SVG, 2, svg('<?xml-stylesheet href="https://x.example/a.css"?>')),
    Breach("T403", SVG, 2, svg('<use href="https://x.example/a.svg#b"/>')),
    Breach("T403", SVG, 2, svg('<use xlink:href="/other.svg#b"/>')),
    Breach("T403", SVG, 2, svg('<rect fill="url(https://x.example/a.svg#b)"/>')),
    Breach("T404", "static/img/leaf.png", 0, {"static/img/leaf.png": picture("JPEG")}),
    Breach("T404", "static/img/leaf.png", 0, {"static/img/leaf.png": picture("PNG", (64, 64))[:60]}),
    Breach("T404", "static/img/leaf.png", 0, {"static/img/leaf.png": picture("PNG") + b"<script>alert(1)</script>"}),
    Breach("T404", "preview/mobile.webp", 0, {"preview/mobile.webp": "no picture"}),
    Breach("T405", "static/img/leaf.png", 0, {"static/img/leaf.png": picture("PNG", (4097, 1))}),
    Breach("T405", "static/img/leaf.png", 0, {"static/img/leaf.png": picture("PNG") + b"\0" * 256 * 1024}),
    Breach("T406", "static/fonts/a.woff2", 0, {"static/fonts/a.woff2": "no font"}),
    Breach("T406", "static/fonts/a.woff2", 0, {"static/fonts/a.woff2": font(signature=b"wOFF")}),
    Breach("T406", "static/fonts/a.woff2", 0, {"static/fonts/a.woff2": font(metadata=9)}),
    Breach("T406", "static/fonts/a.woff2", 0, {"static/fonts/a.woff2": font(more=b"<html>")}),
    Breach("T407", "static/fonts/a.woff2", 0, {"static/fonts/a.woff2": font(more=b"\0" * 61440)}),
    Breach("T501", PO, 0, {PO: "nonsense"}),
    Breach("T501", "locale/xx/LC_MESSAGES/theme.po", 0, {"locale/xx/LC_MESSAGES/theme.po": ""}),
    Breach("T502", PO, 4, po('msgid "Sign in"\nmsgstr "Entrer"')),
    Breach("T503", PO, 4, po(f'{_REAL["fr"]}"Bonjour <b>%(nom)s</b>"')),
    Breach("T504", PO, 4, po(f'{_REAL["fr"]}"Bonjour <b>%(name)s</b><script>"')),
    Breach("T505", PO, 4, po(f'{_REAL["fr"]}""')),
)

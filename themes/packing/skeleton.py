"""A package to begin with: small, complete, and without a complaint of the linter's."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Final

from PIL import Image, ImageDraw

from themes.engine.stylesheet import compile_theme
from themes.engine.tokens import ThemeTokens

_MANIFEST: Final = """\
# What this package is. The linter explains each key: manage.py theme lint {id}
[theme]
id = "{id}"
name = "{name}"
version = "0.1.0"
api = 1
min_platform = "1.0"
extends = "base"
description = "In one sentence: for whom, and how it feels."
author = "Your name"
license = "MIT"
tags = ["new"]
supports = {{ dark = true, rtl = true, sections = ["stats"] }}

# Defaults of the 14 tokens; an organization's own values win.
[tokens]
brand = "#4f46e5"
scheme = "auto"
radius = 10
motif = "waves"

[pages.storefront]
sections = ["hero", "categories", "featured", "stats", "steps", "reviews", "cta"]

# A section that a package describes replaces base's description of it, so say every setting that the template shows.
[sections.stats]
[[sections.stats.settings]]
id = "title"
type = "text"
max = 80
default = "t:stats.title"
label = "t:label.title"
"""
_STATS: Final = """\
{{% load i18n %}}
{{% if page.stats %}}
  <section class="section {id}-stats" data-section="stats">
    <div class="wrap">
      <h2>{{{{ section.settings.title }}}}</h2>
      <ul>
        {{% for stat in page.stats|slice:":4" %}}
          <li><b class="num">{{{{ stat.value }}}}</b> <span class="muted">{{{{ stat.label }}}}</span></li>
        {{% endfor %}}
      </ul>
    </div>
  </section>
{{% endif %}}
"""
_CSS: Final = """\
/* {name}. Only tokens for colours, only logical sides: it is readable with every brand, and from right to left. */
@layer theme {{
  .{id}-stats {{
    border-block: 1px solid var(--c-line);
    background: var(--c-surface-2);
  }}

  .{id}-stats ul {{
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(140px, 1fr));
    gap: 20px;
    padding: 0;
    list-style: none;
  }}

  .{id}-stats b {{
    display: block;
    color: var(--c-brand-ink);
    font-size: var(--t-2xl);
  }}
}}
"""
_PRESET: Final = """\
name = "Quiet"

[tokens]
brand = "#0f766e"
tint = 10
elevation = 0
"""
_PICTURES: Final = {"desktop": (1280, 800), "mobile": (390, 844)}


def skeleton_files(package_id: str) -> Mapping[str, bytes]:
    """The files of a new package, by path. The same id gives the same files."""
    words = {"id": package_id, "name": package_id.replace("-", " ").title()}
    texts = {
        "theme.toml": _MANIFEST.format(**words),
        "templates/sections/stats.html": _STATS.format(**words),
        "static/theme.css": _CSS.format(**words),
        "presets/quiet.toml": _PRESET,
        "CHANGELOG.md": "# Changes\n\n## 0.1.0\n\nThe beginning.\n",
        "LICENSE": "MIT. Put the licence's text here, with your name and the year.\n",
    }
    pictures = {f"preview/{name}.webp": _picture(size) for name, size in _PICTURES.items()}
    return {name: text.encode() for name, text in texts.items()} | pictures


def _picture(size: tuple[int, int]) -> bytes:
    """A stand-in until there is a screenshot: bands in the colours of the default theme."""
    palette = compile_theme(ThemeTokens()).light
    width, height = size
    picture = Image.new("RGB", size, palette["bg"])
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, width, height // 12), fill=palette["surface-2"])
    draw.rectangle((width // 12, height // 4, width // 2, height // 4 + height // 12), fill=palette["ink"])
    draw.rectangle((width // 12, height // 2, width // 4, height // 2 + height // 14), fill=palette["brand"])
    written = io.BytesIO()
    picture.save(written, "WEBP", quality=80)
    return written.getvalue()

"""The linter's rules by their numbers: what each is about, how grave it is, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

type Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. A package with an error is not installed; a warning is for its author to weigh."""

    code: str
    level: Level
    title: str
    cure: str


_ERRORS: Final = (
    ("T001", "A name leaves the package or cannot be told apart", "Use lower-case letters, digits, dots, hyphens; no links."),
    ("T002", "A file has no place in a package", "Keep to the tree of files that this page shows; delete the rest."),
    ("T003", "The package is too large", "At most 400 files and 5 MB: smaller pictures, fewer fonts."),
    ("T004", "The manifest breaks its contract", "Correct the key that is named in theme.toml."),
    ("T005", "A section is promised and not drawn", "Add its template, or leave it out of [theme] supports.sections."),
    ("T006", "A preset is not valid", "Give it a name, and tokens as in the manifest."),
    ("T007", "Two colours cannot be told apart", "Choose another brand or accent; tell us, since this is solved for you."),
    ("T101", "A template is not open to packages", "Bring only sections and partials of the list; style other pages by CSS."),
    ("T102", "A template does not compile", "Correct the tag at this line."),
    ("T103", "A tag is not allowed", "Use the tags that this page lists."),
    ("T104", "A library is not allowed", "Load i18n, ui or art; nothing else is there."),
    ("T105", "A filter is not allowed", "Leave it out: what is printed is escaped, always."),
    ("T106", "Another template is named that is not open", "Name an open template, in quotes."),
    ("T107", "Nobody knows this variable", "Use the variables that this page lists, or set it with {% with %}."),
    ("T108", "A variable has no such part", "Use the parts of tenant and page that this page lists."),
    ("T109", "A section has no such setting", "Describe it in theme.toml under the section, or correct its name."),
    ("T110", "Escaping is turned off", "Leave autoescape out: what people type would become markup."),
    ("T111", "A text is not UTF-8, or too long", "Save it as UTF-8, at most 64 kB."),
    ("T201", "An element is not allowed", "No script, style, frame, embedded object or head element in a template."),
    ("T202", "A style stands in the markup", "Give the element a class, and style it in static/theme.css."),
    ("T203", "Code stands in the markup", "Leave it out: browsers refuse it here, and so do we."),
    ("T204", "An address leads out", "Bring the file along; links come from the variables of the page."),
    ("T205", "An attribute with a variable has no quotes", 'Write name="{{ value }}": else a space begins a new one.'),
    ("T206", "A picture has no alt", 'Say what it shows, or write alt="" where it only decorates.'),
    ("T207", "A section does not say which it is", 'Write <section data-section="…"> with its own name at its root.'),
    ("T208", "A page would have two main headings", "Use h2; only the hero has the h1."),
    ("T301", "The stylesheet cannot be read", "Correct it at this line."),
    ("T302", "A rule stands outside of @layer theme", "Put everything inside @layer theme { … }."),
    ("T303", "An at-rule is not allowed", "Leave it out; @media, @supports, @container, @keyframes and @font-face stay."),
    ("T304", "A stylesheet asks elsewhere", "Bring the file along, and name it relative to theme.css."),
    ("T305", "A file is named that is not there", "Add it below static/, or correct its name."),
    ("T306", "A colour is written out", "Use a token such as var(--c-ink): only tokens are readable with every brand."),
    ("T307", "Nobody knows this custom property", "Use a published token, or declare a property of your own first."),
    ("T308", "A published token is overwritten", "Give your own property another name: contrast is proven for the token."),
    ("T309", "A physical side", "Use the logical one (inline-start, block-end, …): pages are read from right to left, too."),
    ("T310", "The focus ring is removed", "Leave outline as it is: people who use a keyboard need it."),
    ("T311", "Text is smaller than 12 px", "Use var(--t-xs) or larger."),
    ("T312", "A selector takes the whole page", "Begin it with .theme-<id>, a class of your own, or a section."),
    ("T313", "The stylesheet is too heavy", "At most 12 kB compressed."),
    ("T401", "A drawing is not well-formed", "Export it anew as plain SVG in UTF-8, without a DOCTYPE."),
    ("T402", "A drawing holds what pictures do not need", "Export plain shapes: no script, style, foreignObject, animation."),
    ("T403", "A drawing refers to something outside of itself", 'Refer to its own parts only: href="#part", url(#part).'),
    ("T404", "A picture is not what its name says", "Export it anew in the format of its suffix."),
    ("T405", "A picture is too large", "At most 250 kB, and 4096 pixels on a side."),
    ("T406", "A font is not WOFF2", "Convert it with any WOFF2 encoder; strip metadata and private data."),
    ("T407", "A font is too heavy", "At most 60 kB each: subset it to the scripts you need."),
    ("T501", "A catalogue of texts cannot be read", "Save it as UTF-8 .po for a language of the platform."),
    ("T502", "A text is translated that nobody shows", "Its id must stand in a template or the manifest; else take it out."),
    ("T503", "A translation has other placeholders", "Keep each %(name)s exactly as in the original."),
    ("T504", "A translation has other markup", "Keep the elements of the original, and add none."),
)  # fmt: skip
_WARNINGS: Final = (
    ("T010", "A picture of the package is missing", "Add preview/desktop.webp and preview/mobile.webp: owners choose by them."),
    ("T011", "The manifest names no licence", 'Say under which terms it may be used: license = "MIT".'),
    ("T012", "A setting is described and never shown", "Show it in the section's template, or take it out of theme.toml."),
    ("T210", "A text cannot be translated", "Wrap it in {% translate %}, or make it a setting of the section."),
    ("T314", "A declaration is forced", "Leave !important out: the theme's layer comes last already."),
    ("T315", "Something is fixed to the screen", "It may lie over the booking bar on a phone; use sticky within its section."),
    ("T505", "A translation is missing", "Translate it, or the original shows."),
)

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {code: Rule(code, "error", title, cure) for code, title, cure in _ERRORS}
    | {code: Rule(code, "warning", title, cure) for code, title, cure in _WARNINGS}
)

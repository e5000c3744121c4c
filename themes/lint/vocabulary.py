"""What a package's templates may say: tags, filters, libraries, and the variables that the platform's pages give them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

LIBRARIES: Final = frozenset({"i18n", "ui", "art"})
LIBRARY_MODULES: Final = MappingProxyType(
    {"i18n": "django.templatetags.i18n", "ui": "webui.templatetags.ui", "art": "themes.templatetags.art"}
)

_LOGIC: Final = ("if", "elif", "else", "endif", "for", "empty", "endfor", "with", "endwith", "ifchanged", "endifchanged")
_WORDS: Final = ("translate", "trans", "blocktranslate", "blocktrans", "plural", "endblocktranslate", "endblocktrans")
_BUILDING: Final = ("load", "include", "extends", "block", "endblock", "firstof", "cycle", "resetcycle", "now", "widthratio")
_LAYING_OUT: Final = ("comment", "endcomment", "spaceless", "endspaceless", "regroup")
_PLATFORM: Final = ("icon", "stars", "money", "datetime_in", "time_element", "day", "days", "city", "duration")
_ARTWORK: Final = (
    "portrait", "face", "motif", "logo", "logo_tile", "mosaic", "example_times", "free_providers", "tenant_tokens",
)  # fmt: skip
TAGS: Final = frozenset((*_LOGIC, *_WORDS, *_BUILDING, *_LAYING_OUT, *_PLATFORM, *_ARTWORK))

# What Django and our libraries have besides is text in, text out. These turn escaping off, print scripts, or show insides.
REFUSED_FILTERS: Final = frozenset({"safe", "safeseq", "json_script", "pprint", "escapejs", "linenumbers", "markdown"})

# Parts of pages that are the platform's and that a package may place.
COMPONENTS: Final = frozenset({"components/clock.html"})

VARIABLES: Final = frozenset(
    {
        "True", "False", "None", "account", "block", "brand_url", "clock_zone", "footer_columns", "forloop", "has_sticky",
        "locale_label", "nav", "page", "platform_url", "primary_action", "provider", "section", "sign_in_url", "tenant",
        "words",
    }
)  # fmt: skip

PARTS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "tenant": frozenset(
            {
                "id",
                "slug",
                "name",
                "kind",
                "locale",
                "currency",
                "time_zone",
                "language",
                "content",
                "vocabulary",
                "entitlements",
            }
        ),
        "page": frozenset(
            {"links", "search", "categories", "providers", "services", "steps", "stats", "faq", "reviews", "rating"}
        ),
        "section": frozenset({"id", "settings", "variant", "scheme"}),
    }
)
"""Of the tenant only what visitors may know: templates run on the server, and not every field of it is anybody's business."""

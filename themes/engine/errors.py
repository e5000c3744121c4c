"""What can be wrong with a theme: its inputs, the settings of a section, or its package on disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from kernel.errors import Invalid


class RefusedFields(Invalid):
    """Some fields were refused. `errors` holds a sentence for each; `field` and `message` are those of the first."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        field, sentence = next(iter(self.errors.items()))
        super().__init__(sentence, field=field)

    def __str__(self) -> str:
        return "; ".join(f"{field}: {sentence}" for field, sentence in self.errors.items())


class TokenError(RefusedFields):
    """Some of the 14 inputs of a theme were refused."""

    code = "invalid_theme_tokens"


class SectionSettingsError(RefusedFields):
    """Some settings of a section were refused."""

    code = "invalid_section_settings"


class UnreadableThemeError(Invalid):
    """Two colours that a page puts together are too alike; such a theme is not published."""

    code = "unreadable_theme"


class PackageError(ValueError):
    """A theme package on disk breaks its contract: which file, which key, and what to do about it."""

    def __init__(self, file: PurePath | str, key: str, cure: str) -> None:
        self.file = str(file)
        self.key = key
        self.cure = cure
        super().__init__(f"{file}: {key}: {cure}")


class UnknownPackageError(LookupError):
    """No theme package of that id is installed."""

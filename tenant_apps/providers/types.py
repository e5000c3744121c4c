"""What other apps get to see of providers: pictures, cards for lists, whole profiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.ids import format_public_id

PUBLIC_ID_PREFIX: Final = "prv"
MAX_PICTURE_BYTES: Final = 5 * 1024 * 1024
# The media types that are taken, by the name Pillow knows their decoder by.
PICTURE_TYPES: Final = MappingProxyType({"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"})


class ProviderStatus(models.TextChoices):
    """Whether a profile is shown and can be booked (BOOKING row 9)."""

    DRAFT = "draft", _("Draft")
    LIVE = "live", _("Live")
    PAUSED = "paused", _("Paused")
    LEAVING = "leaving", _("Leaving")
    BANNED = "banned", _("Banned")


# The states in which anybody may open the profile. Who is paused can be found by who has the address, and not be booked.
SHOWN: Final = (ProviderStatus.LIVE, ProviderStatus.PAUSED)
SLUG_LENGTH: Final = 60


class PictureKind(Enum):
    """A place for a picture in a profile: its column, and the sizes (width, height) that are kept, smallest first."""

    LOGO = ("logo", ((96, 96), (192, 192), (480, 480)))
    HEADER = ("header_image", ((768, 256), (1536, 512)))

    def __init__(self, column: str, sizes: tuple[tuple[int, int], ...]) -> None:
        self.column = column
        self.weight_column = f"{column}_bytes"
        self.sizes = sizes


@dataclass(frozen=True, slots=True)
class RenderedPicture:
    """An upload that was judged and made anew: one file for each of its kind's sizes, not stored yet."""

    kind: PictureKind
    files: tuple[bytes, ...]

    @property
    def weight(self) -> int:
        """Bytes of all sizes together."""
        return sum(map(len, self.files))


@dataclass(frozen=True, slots=True)
class Picture:
    """An uploaded picture in all its sizes; `key` is random, so a new upload has a new address and both cache for ever."""

    key: str
    kind: PictureKind

    @property
    def src(self) -> str:
        """The largest size."""
        return self.address(self.width)

    @property
    def thumbnail(self) -> str:
        """The smallest size."""
        return self.address(self.kind.sizes[0][0])

    @property
    def srcset(self) -> str:
        """All sizes in the form of the `srcset` attribute."""
        return ", ".join(f"{self.address(width)} {width}w" for width, _height in self.kind.sizes)

    @property
    def width(self) -> int:
        return self.kind.sizes[-1][0]

    @property
    def height(self) -> int:
        return self.kind.sizes[-1][1]

    def address(self, width: int) -> str:
        """Where the size of this width is fetched."""
        return f"{settings.MEDIA_URL}{file_name(self.key, width)}"


def file_name(key: str, width: int) -> str:
    """The name in the tenant's storage of one size of a picture."""
    return f"images/{key}-{width}.webp"


@dataclass(frozen=True, slots=True)
class ProviderCard:
    """A provider as lists show them. `art` are the features of the drawing that stands in for a missing logo."""

    pk: int
    id: UUID
    slug: str
    name: str
    headline: str
    location: str
    tags: tuple[str, ...]
    status: ProviderStatus
    time_zone: str
    user_id: int | None
    logo: Picture | None
    header: Picture | None
    art: Mapping[str, object]

    @property
    def public_id(self) -> str:
        return format_public_id(PUBLIC_ID_PREFIX, self.id)

    @property
    def seed(self) -> str:
        """What drawings of this provider are made from: the same on every page and on every day."""
        return self.id.hex

    @property
    def photo_url(self) -> str:
        """The uploaded picture at the size of a list; empty when there is none and a drawing stands in."""
        return self.logo.address(192) if self.logo else ""

    @property
    def cover_url(self) -> str:
        """The picture across the top at the size of a card; empty when there is none."""
        return self.header.thumbnail if self.header else ""

    @property
    def path(self) -> str:
        return f"/providers/{self.slug}/"

    @property
    def short_path(self) -> str:
        """The link that stays good when the address changes."""
        return f"/p/{self.public_id}/"

    @property
    def is_live(self) -> bool:
        return self.status == ProviderStatus.LIVE


@dataclass(frozen=True, slots=True)
class ProviderProfile(ProviderCard):
    """Everything a profile says, for its own page and for the form that edits it."""

    bio: str

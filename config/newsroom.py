"""The newsroom's own words and colours, read from one TOML file."""

import tomllib
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from config.origins import origin

#: Languages every page and letter is complete in; the first is the source language.
LANGUAGES = {"en": "English", "uk": "Українська"}

#: A colour as #rrggbb.
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]

#: The least contrast between text and its ground, WCAG 2.2 success criterion 1.4.3.
MIN_CONTRAST = 4.5
PAPER, NIGHT = "#fffdf7", "#14161a"


class Text(BaseModel):
    """One text in every language the newsroom has written it in; English is the fallback."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    en: str
    uk: str | None = None

    def within(self, locale: str) -> str:
        """Return the text in `locale`, or in English where there is none."""
        return (self.uk if locale == "uk" else None) or self.en


class Appeal(BaseModel):
    """What the giving page says before it asks."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    headline: Text
    text: Text
    pays_for: tuple[Text, ...] = ()


class Reprints(BaseModel):
    """What others may print of the newsroom's work, and how soon it answers who asks for more."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    #: So many characters of a text are free, with a link.
    free_characters: int = Field(default=500, ge=0)
    #: Who waits longer for an answer stands red before the editors.
    answer_days: int = Field(default=7, ge=1)
    #: The rule in the newsroom's own words, paragraphs parted by an empty line; ours where none.
    rule: Text | None = None


class Privacy(BaseModel):
    """What the pages about privacy and cookies say in the newsroom's own words."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    contact_email: str = Field(default="", description="For questions of this; else the usual one.")
    officer: Text | None = Field(default=None, description="The officer for data protection.")
    authority: Text | None = Field(default=None, description="Where readers may complain.")
    hosting: Text | None = Field(default=None, description="Who runs the servers, and where.")
    mail: Text | None = Field(default=None, description="Who carries letters, and where.")
    more: tuple[Text, ...] = Field(default=(), description="Paragraphs of the newsroom's own.")


class Colours(BaseModel):
    """The accent on light and on dark ground; each must be readable there."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    accent: Colour = "#0a4fa3"
    accent_dark: Colour = "#8ab8f0"
    highlight: Colour = "#ffd84d"

    @field_validator("accent")
    @classmethod
    def readable_on_paper(cls, value: str) -> str:
        """Refuse an accent that cannot be read on the light ground."""
        return _readable(value, PAPER)

    @field_validator("accent_dark")
    @classmethod
    def readable_at_night(cls, value: str) -> str:
        """Refuse an accent that cannot be read on the dark ground."""
        return _readable(value, NIGHT)


class Newsroom(BaseModel):
    """Who the newsroom is, in its own words. Every field a reader sees has each language."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: Text = Field(description="The newsroom's name, as in its masthead.")
    tagline: Text = Field(description="One line under the name.")
    legal_name: str = Field(description="Who receives the money, as printed on receipts.")
    address: str = Field(description="Postal address printed on receipts; lines separated by \\n.")
    registration: str = Field(default="", description="Registration or tax number for receipts.")
    contact_email: str = Field(description="Where a reader writes with a question.")
    website: str = Field(description="The newsroom's own site, where its reporting is read.")
    logo_url: str | None = Field(default=None, description="A picture on this site, or none.")
    timezone: str = Field(default="Europe/Kyiv", description="The zone of days and months.")
    time_label: Text = Field(description="What follows a time of that zone, such as Kyiv time.")
    appeal: Appeal
    reprints: Reprints = Reprints()
    colours: Colours = Colours()
    privacy: Privacy = Privacy()

    @field_validator("website")
    @classmethod
    def address_of_a_site(cls, value: str) -> str:
        """Refuse what is no address: pages there are known by it to be the newsroom's own."""
        origin(value)
        return value.rstrip("/")

    @field_validator("timezone")
    @classmethod
    def known_zone(cls, value: str) -> str:
        """Refuse a zone that this machine does not know, before the first page asks for it."""
        try:
            ZoneInfo(value)
        except (OSError, ValueError, ZoneInfoNotFoundError):
            raise ValueError(f"{value!r} is no time zone, such as Europe/Kyiv") from None
        return value


def load(path: Path) -> Newsroom:
    """Read the newsroom's file. Raises `OSError`, `tomllib.TOMLDecodeError`, `ValidationError`."""
    return Newsroom.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours (#rrggbb), WCAG 2.2 definition, from 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2 glossary."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _readable(value: str, ground: str) -> str:
    ratio = contrast(value, ground)
    if ratio < MIN_CONTRAST:
        raise ValueError(
            f"{value} has a contrast of {ratio:.1f} on {ground}; text needs {MIN_CONTRAST}"
        )
    return value

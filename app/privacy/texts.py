"""The newsroom's own words around the inventory, from its file, with words that fit most."""

from dataclasses import dataclass

from flask_babel import gettext as _

from app.current import newsroom
from app.localisation import current_locale
from config.newsroom import Text


@dataclass(frozen=True, slots=True)
class House:
    """Who is responsible, where to write and to complain, in the language of the page."""

    responsible: str
    address: str
    registration: str
    contact: str
    #: The officer for data protection; empty where there is none.
    officer: str
    #: Where one may complain.
    authority: str
    #: Where the servers stand and who carries letters; empty where the newsroom did not say.
    hosting: str
    mail: str
    #: What the newsroom adds of its own, paragraph by paragraph.
    more: tuple[str, ...]


def house() -> House:
    """Return the newsroom's words in the language of the page."""
    own, locale = newsroom(), current_locale()

    def say(text: Text | None) -> str:
        return text.within(locale) if text is not None else ""

    return House(
        responsible=own.legal_name,
        address=own.address,
        registration=own.registration,
        contact=own.privacy.contact_email or own.contact_email,
        officer=say(own.privacy.officer),
        authority=say(own.privacy.authority)
        or _("the authority for data protection of the country you live in"),
        hosting=say(own.privacy.hosting),
        mail=say(own.privacy.mail),
        more=tuple(say(each) for each in own.privacy.more),
    )

"""What is kept and why, for everybody to read: privacy and cookies."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.current import settings
from app.letters import consents, wordings
from app.letters.categories import Category
from app.privacy import texts, words
from app.privacy.inventory import catalogue
from app.privacy.inventory.shape import Part

bp = Blueprint("privacy", __name__)


@bp.get("/privacy")
def index() -> ResponseReturnValue:
    """What is kept about people, by what they do, and their rights. Public."""
    return render_template(
        "privacy/index.html",
        parts=[(part, [k for k in catalogue.KINDS if k.part is part]) for part in Part],
        house=texts.house(),
        rights=_rights(),
        kept=lambda kind: words.kept(kind.kept, settings()),
        words=words,
    )


def _rights() -> list[tuple[str, str]]:
    """Return the pages on which a person takes or ends what is kept, by their words."""
    return [
        (_("Download everything we keep about you"), url_for("takeout.show")),
        (_("Have your data erased"), url_for("erasure.show")),
    ]


@bp.get("/cookies")
def cookies() -> ResponseReturnValue:
    """What a browser keeps for us. Public."""
    found = catalogue.in_browsers()
    return render_template(
        "privacy/cookies.html",
        here=[each for each in found if not each.elsewhere],
        elsewhere=[each for each in found if each.elsewhere],
        house=texts.house(),
        words=words,
    )


@bp.app_context_processor
def _for_templates() -> dict[str, object]:
    """Functions, so that only pages that ask for letters ask the database."""
    return {
        "letters_agreed": _agreed,
        "letter_wording": lambda name: wordings.text(wordings.CURRENT[Category(name)]),
    }


def _agreed() -> list[str]:
    if not current_user.is_authenticated:
        return []
    return [each.value for each in consents.wanted(current_user.id)]

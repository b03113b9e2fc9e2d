"""What the newsroom's own pages ask of us and send: words for the element, a reader's letter."""

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from app import embed, sites
from app.clock import utcnow
from app.corrections import intake
from app.corrections.forms import SentForm
from app.corrections.intake import Draft
from app.corrections.routes import FORM
from app.corrections.rules import LONGEST_COMMENT, LONGEST_PASSAGE, Source
from app.current import newsroom
from app.extensions import limiter, network_of_reader
from app.shield import open_forms
from config.newsroom import LANGUAGES

bp = Blueprint("correction_sender", __name__, url_prefix="/corrections")

#: How long a page keeps the element's words; they change with a release.
WORDS_SECONDS = 3600


def _language(asked: str) -> str:
    return asked if asked in LANGUAGES else next(iter(LANGUAGES))


@bp.get("/words")
@limiter.limit("120 per minute")
def words() -> ResponseReturnValue:
    """The element's words in a language. Public, for pages of other sites; touches no session."""
    lang = _language(request.args.get("lang", ""))
    colours = newsroom().colours
    with force_locale(lang):
        told = {
            "lang": lang,
            "label": _("Report a mistake"),
            "colours": {"accent": colours.accent, "accent_dark": colours.accent_dark},
            "hint": _("Seen a mistake? Highlight it and press %(keys)s.", keys="{keys}"),
            "open": _("Report a mistake"),
            "quote": _("The words that are wrong"),
            "quote_hint": _("Copy them from the article."),
            "comment": _("What is wrong?"),
            "comment_hint": _("Optional. No links, please."),
            "email": _("E-mail, if you want an answer"),
            "email_hint": _("We delete it soon after we have answered."),
            "trap": _("Leave this field empty"),
            "send": _("Send"),
            "cancel": _("Cancel"),
            "close": _("Close"),
            "thanks": _("Thank you. An editor looks at it."),
            "failed": _("It could not be sent from here. What you typed is kept."),
            "form": _("Send it from our own page"),
        }
    longest = {"quote": LONGEST_PASSAGE, "comment": LONGEST_COMMENT}
    return embed.feed({**told, "longest": longest}, seconds=WORDS_SECONDS)


@bp.post("/send")
@limiter.limit("12 per minute; 60 per hour")
def send() -> Response:
    """Take what a reader highlighted on a page of the newsroom's own sites; no session, no cookie.

    201 when it is taken. 422 says by field what to mend, and 403 or 429 leads to the form.
    """
    origin = request.headers.get("Origin", "")
    if not sites.is_ours(origin):
        return _answer("", 403)
    lang, now = _language(request.form.get("lang", "")), utcnow()
    with force_locale(lang):
        form = SentForm()
        valid = form.validate() and form.article.article is not None
        if not valid or form.article.article is None:
            return _answer(origin, 422, errors={name: said[0] for name, said in _errors(form)})
        # What stands before a gift stands here as well: our own page can have the work done.
        if open_forms.wants_proof():
            return _answer(origin, 403, form=True)
        if open_forms.wait(FORM, network_of_reader(), ("", ""), now=now):
            return _answer(origin, 429, form=True)
        draft = Draft(
            article=form.article.article,
            title=form.title.data,
            passage=form.passage,
            comment=form.comment.data,
            email=form.email.data,
            locale=lang,
            source=Source.ARTICLE,
        )
        intake.receive(draft, request_key=form.key, now=now)
    return _answer(origin, 201)


def _errors(form: SentForm) -> list[tuple[str, list[str]]]:
    return [(name, [str(one) for one in said]) for name, said in form.errors.items() if name]


def _answer(origin: str, status: int, **told: object) -> Response:
    answer = jsonify(told)
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Vary"] = "Origin"
    if origin:
        answer.headers["Access-Control-Allow-Origin"] = origin
    return answer

"""Corrections for everybody: the form to write to us, and the public log with its feed."""

import uuid
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts.access import typed_address_from_there
from app.addresses import readable
from app.clock import utcnow
from app.corrections import articles, intake, public_log, words
from app.corrections.forms import CorrectionForm
from app.corrections.intake import Draft
from app.corrections.notes import UnknownNote
from app.corrections.public_log import LONGEST_SEARCH
from app.corrections.rules import LONGEST_COMMENT, LONGEST_PASSAGE, LONGEST_URL, Source
from app.current import settings
from app.extensions import limiter, network_of_reader
from app.localisation import current_locale
from app.shield import open_forms, proofs, stamps

bp = Blueprint("corrections", __name__, url_prefix="/corrections")

#: The name under which what is sent is counted, from an article's page and from here together.
FORM = "corrections"
#: What an address may prefill.
PREFILLED = {"article": LONGEST_URL, "quote": LONGEST_PASSAGE, "comment": LONGEST_COMMENT}


@bp.get("")
@limiter.limit("120 per minute")
def write() -> ResponseReturnValue:
    """Write to us here; an article's own page prefills it. Public."""
    form = CorrectionForm(formdata=None)
    for name, most in PREFILLED.items():
        form[name].data = request.args.get(name, "")[:most]
    if articles.read(form.article.data) is None:
        # A page may call its article by a name of its own; whoever writes copies the address.
        form.article.data = ""
    return _page(form, proved=open_forms.wants_proof())


@bp.post("")
@limiter.limit("12 per minute; 60 per hour")
@limiter.limit("10 per hour", key_func=typed_address_from_there)
def send() -> ResponseReturnValue:
    """Take what a reader found; sent twice, it is taken once. Public."""
    form, now = CorrectionForm(), utcnow()
    if not form.validate_on_submit() or form.article.article is None or not _in_time(form):
        return _page(form, proved=open_forms.wants_proof()), 422
    proof = (form.proof_task.data or "", form.proof.data or "")
    seconds = open_forms.wait(FORM, network_of_reader(), proof, now=now)
    if seconds:
        return _wait(form, seconds)
    draft = Draft(
        article=form.article.article,
        title="",
        passage=form.passage,
        comment=form.comment.data,
        email=form.email.data,
        locale=current_locale(),
        source=Source.FORM,
    )
    intake.receive(draft, request_key=form.key, now=now)
    return redirect(url_for(".thanks", answer="letter" if draft.email else None), 303)


@bp.get("/thanks")
def thanks() -> ResponseReturnValue:
    """Thank the reader, and say what happens next. Public, and the same for everybody."""
    answered = request.args.get("answer") == "letter"
    return render_template("corrections/thanks.html", answered=answered)


def _in_time(form: CorrectionForm) -> bool:
    """Whether a person may have filled the form in, by the time it took."""
    match stamps.age(form.stamp.data or "", utcnow()):
        case stamps.Age.FIT:
            return True
        case stamps.Age.QUICK:
            form.form_errors = [_("That was very quick. Press the button once more, please.")]
        case stamps.Age.STALE:
            form.form_errors = [_("This page was open for long. Look it over and press once more.")]
    return False


def _wait(form: CorrectionForm, seconds: int) -> ResponseReturnValue:
    minutes = seconds // 60 + 1
    form.form_errors = [
        ngettext(
            "Many messages came from where you are. Yours is kept here; "
            "press the button again, or come back in %(num)s minute.",
            "Many messages came from where you are. Yours is kept here; "
            "press the button again, or come back in %(num)s minutes.",
            minutes,
        )
    ]
    return _page(form, proved=True), 429, {"Retry-After": str(seconds)}


def _page(form: CorrectionForm, *, proved: bool) -> str:
    now = utcnow()
    if stamps.age(form.stamp.data or "", now) is stamps.Age.STALE:
        form.stamp.data = stamps.issue(now)
    # What was worked out is good once, so a page shown again has another task.
    form.proof_task.data, form.proof.data = proofs.issue(now) if proved else "", ""
    if not form.request_key.data:
        form.request_key.data = str(uuid.uuid4())
    return render_template("corrections/write.html", form=form, proved=proved)


@bp.get("/log")
@limiter.limit("120 per minute")
def log() -> ResponseReturnValue:
    """What was corrected and clarified, by months, searched, by pages. Public."""
    text, article = _asked("q"), request.args.get("article", "")[:LONGEST_URL]
    if not article.isprintable():
        abort(404)
    page = public_log.page(text, article, request.args.get("page", 1, type=int))
    kept: dict[str, Any] = {"q": text or None, "article": article or None}
    return render_template(
        "corrections/log.html",
        page=page,
        text=text,
        article=article,
        article_name=readable(article),
        url=lambda number: url_for(".log", **kept, page=number),
        words=words,
    )


def _asked(name: str) -> str:
    text = "".join(sign for sign in request.args.get(name, "") if sign.isprintable())
    return text.strip()[:LONGEST_SEARCH]


@bp.get("/log/<key:note_id>")
@limiter.limit("120 per minute")
def note(note_id: int) -> ResponseReturnValue:
    """One note with everything it ever said. Public."""
    try:
        found = public_log.entry(note_id)
    except UnknownNote:
        abort(404)
    return render_template("corrections/note.html", entry=found, words=words)


@bp.get("/log.atom")
@limiter.limit("120 per minute")
def feed() -> Response:
    """The newest notes as an Atom feed, in the page's language. Public."""
    entries = public_log.newest()
    body = render_template(
        "corrections/log.xml",
        entries=entries,
        updated=max((one.changed_at for one in entries), default=None),
        site=settings().site_url,
        words=words,
    )
    answer = make_response(body)
    answer.mimetype = "application/atom+xml"
    answer.cache_control.max_age = 300
    answer.cache_control.private = True
    return answer

"""Reprints as readers see them: the rule, the form, and a permission for whoever has its number."""

import uuid

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from app.accounts.access import typed_address_from_there
from app.clock import utcnow
from app.current import newsroom
from app.extensions import limiter, network_of_reader
from app.localisation import current_locale
from app.reprints import permissions, requests, rules, words
from app.reprints.forms import AskForm
from app.reprints.requests import Asked
from app.shield import open_forms, proofs, stamps

bp = Blueprint("reprints", __name__, url_prefix="/reprint")


@bp.get("")
def ask() -> ResponseReturnValue:
    """The newsroom's rule and the form of a request. Public."""
    form = AskForm()
    form.language.data = current_locale()
    if current_user.is_authenticated:
        form.name.data, form.email.data = current_user.name, current_user.email
    return _page(form, proved=open_forms.wants_proof())


@bp.post("")
@limiter.limit("12 per minute; 60 per hour")
@limiter.limit("10 per hour", key_func=typed_address_from_there)
def send() -> ResponseReturnValue:
    """Take a request; sent twice, it is taken once. Public."""
    form, now = AskForm(), utcnow()
    if not form.validate_on_submit() or form.key is None or not _in_time(form):
        return _page(form, proved=open_forms.wants_proof()), 422
    proof = (form.proof_task.data or "", form.proof.data or "")
    seconds = open_forms.wait("reprints", network_of_reader(), proof, now=now)
    if seconds:
        return _wait(form, seconds)
    asked = Asked(
        name=form.name.data,
        organisation=form.organisation.data,
        email=form.email.data,
        place=form.place.data,
        articles=form.articles.data,
        purpose=form.purpose.data,
        locale=form.language.data,
    )
    requests.ask(asked, request_key=form.key, now=now)
    session["reprint_answer_to"] = asked.email
    return redirect(url_for(".sent"), 303)


@bp.get("/sent")
def sent() -> ResponseReturnValue:
    """Say that the request has come, and what happens next. To the browser that sent it."""
    email = session.get("reprint_answer_to")
    if not email:
        return redirect(url_for(".ask"), 303)
    days = newsroom().reprints.answer_days
    answer = make_response(render_template("reprints/sent.html", email=email, days=days))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/permission")
@limiter.limit("30 per minute; 300 per hour")
def find() -> ResponseReturnValue:
    """Lead to the permission with a number that somebody typed. Public."""
    typed = request.args.get("number", "")
    number = rules.read_number(typed)
    if number is None:
        return render_template("reprints/unknown.html", typed=typed[:60]), 404
    return redirect(url_for(".permission", number=str(number)))


@bp.get("/permission/<number>")
@limiter.limit("30 per minute; 300 per hour")
def permission(number: str) -> ResponseReturnValue:
    """A permission, its terms, and whether it holds. Public to whoever has the whole number."""
    found, now = permissions.look_up(number), utcnow()
    if found is None:
        return render_template("reprints/unknown.html", typed=number[:60]), 404
    answer = make_response(
        render_template(
            "reprints/permission.html",
            permission=found,
            standing=words.standing(found, now=now),
            articles=words.articles(rules.articles(found.articles)),
            lang=requests.find(found.request_id).locale,
            words=words,
        )
    )
    # It may be withdrawn at any time, and is for who has the number and not for search engines.
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _in_time(form: AskForm) -> bool:
    """Whether a person may have filled the form in, by the time it took."""
    match stamps.age(form.stamp.data or "", utcnow()):
        case stamps.Age.FIT:
            return True
        case stamps.Age.QUICK:
            form.form_errors = [_("That was very quick. Press the button once more, please.")]
        case stamps.Age.STALE:
            form.form_errors = [_("This page was open for long. Look it over and press once more.")]
    return False


def _wait(form: AskForm, seconds: int) -> ResponseReturnValue:
    minutes = seconds // 60 + 1
    form.form_errors = [
        ngettext(
            "Many requests came from where you are. Yours is still here; "
            "send it again in %(num)s minute.",
            "Many requests came from where you are. Yours is still here; "
            "send it again in %(num)s minutes.",
            minutes,
        )
    ]
    return _page(form, proved=True), 429, {"Retry-After": str(seconds)}


def _page(form: AskForm, *, proved: bool) -> str:
    """The page with its form; `proved`: the browser is to do some work before it is sent."""
    now, house = utcnow(), newsroom().reprints
    if form.key is None:
        form.request_key.data = str(uuid.uuid4())
    if stamps.age(form.stamp.data or "", now) is stamps.Age.STALE:
        form.stamp.data = stamps.issue(now)
    # What was worked out is good once, so a page shown again has another task.
    form.proof_task.data, form.proof.data = proofs.issue(now) if proved else "", ""
    own = house.rule.within(current_locale()) if house.rule else ""
    return render_template(
        "reprints/ask.html",
        form=form,
        proved=proved,
        rule=[part.strip() for part in own.split("\n\n") if part.strip()],
        characters=house.free_characters,
        days=house.answer_days,
    )

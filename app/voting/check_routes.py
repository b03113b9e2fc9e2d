"""How anybody counts a round again: its lists, its rules, a verifier, and one's own receipt."""

from collections.abc import Iterator
from pathlib import Path

from flask import (
    Blueprint,
    Response,
    abort,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue

from app.extensions import limiter, network_of_reader
from app.voting import audit, tally, verify, words
from app.voting.audit import Audit, Revision

bp = Blueprint("voting_audit", __name__, url_prefix="/vote/<slug>/audit")

#: Lists may be long, and each asks the database for all of a round.
DOWNLOADS = "30 per minute"


def _network() -> str:
    return f"audit:{network_of_reader()}"


def _find(slug: str) -> Audit:
    found = audit.of(slug)
    if found is None:
        abort(404)
    return found


def _revision(found: Audit) -> Revision:
    revision = found.revision(request.args.get("revision", type=int))
    if revision is None:
        abort(404)
    return revision


@bp.get("")
def show(slug: str) -> ResponseReturnValue:
    """What there is to check, and how; before the result the round itself."""
    found = audit.of(slug)
    if found is None:
        return redirect(url_for("voting.ballot", slug=slug))
    return _page(found)


@bp.post("")
@limiter.limit(DOWNLOADS, key_func=_network)
def look(slug: str) -> ResponseReturnValue:
    """Find a receipt in the list. Posted, so that no log of addresses keeps the code."""
    found = _find(slug)
    code = request.form.get("code", "")
    if not audit.is_receipt(code):
        return _page(found, code=code, wrong=True), 422
    return _page(found, code=code, looked=True, own=audit.look_for(found, code))


@bp.get("/ballots.csv")
@limiter.limit(DOWNLOADS, key_func=_network)
def ballots(slug: str) -> ResponseReturnValue:
    """Every counted ballot, as it was hashed at the count."""
    lines = audit.ballots(_find(slug))
    if lines is None:
        abort(404)
    return _list(slug, "ballots", lines)


@bp.get("/receipts.csv")
@limiter.limit(DOWNLOADS, key_func=_network)
def receipts(slug: str) -> ResponseReturnValue:
    """The receipt of every counted ballot."""
    return _list(slug, "receipts", audit.receipts(_find(slug)))


@bp.get("/round.json")
def about(slug: str) -> ResponseReturnValue:
    """The rules, topics, number for lots and roll of a count."""
    found = _find(slug)
    return _json(tally.canonical(audit.about(found, _revision(found))), "round.json")


@bp.get("/result.json")
def result(slug: str) -> ResponseReturnValue:
    """A count, to the byte that was hashed."""
    return _json(audit.result(_revision(_find(slug))), "result.json")


@bp.get("/verify.py")
def verifier(slug: str) -> ResponseReturnValue:
    """The program that checks all of it, for whoever has Python."""
    _find(slug)
    text = Path(verify.__file__).read_text()
    return _file(Response(text, mimetype="text/x-python"), "verify.py")


def _page(found: Audit, **asked: object) -> str:
    context = {"code": "", "wrong": False, "looked": False, "own": None} | asked
    return render_template(
        "voting/audit.html",
        round=found.round,
        revisions=found.revisions,
        newest=found.revisions[0].counted,
        lists=found.lists.value,
        hashes=audit.published_lists(found.revisions[0].counted)["lists_sha256"],
        to_the_second=words.to_the_second,
        **context,
    )


def _list(slug: str, name: str, lines: Iterator[str]) -> Response:
    answer = Response(stream_with_context(lines), mimetype="text/csv")
    return _file(answer, f"{slug}-{name}.csv" if request.args.get("named") else f"{name}.csv")


def _json(content: bytes, name: str) -> Response:
    return _file(Response(content, mimetype="application/json"), name)


def _file(answer: Response, name: str) -> Response:
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer

"""The mailbox's pages: a list, a letter with its parts and attachments, its source."""

from __future__ import annotations

import time
from email.message import EmailMessage
from typing import cast

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tests.sandbox.here import here
from tests.sandbox.letters import Letter

bp = Blueprint("post", __name__)

#: For the letter's own HTML: nothing may run, nothing may be fetched, it stands in a frame.
_LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@bp.after_request
def guard(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _PAGE_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def _letter(id_: int) -> Letter:
    found = here().mailbox.get(id_)
    return found if found is not None else abort(404)


@bp.get("/mailbox")
def mailbox() -> str:
    world = here()
    to = request.args.get("to") or None
    letters = world.mailbox.newest(to=to, limit=100)
    kept = len(world.mailbox)
    return render_template("mailbox.html", letters=letters, to=to, kept=kept, moment=moment)


@bp.get("/mailbox.json")
def mailbox_json() -> Response:
    """Give the newest letters with their parts: `?to=...&limit=...`."""
    world = here()
    limit = request.args.get("limit", 50, int)
    letters = world.mailbox.newest(to=request.args.get("to"), limit=limit)
    return jsonify(letters=[described(one) for one in letters])


@bp.post("/mailbox/clear")
def clear() -> ResponseReturnValue:
    world = here()
    world.mailbox.clear()
    return redirect("/mailbox", 303)


@bp.get("/mailbox/<int:id_>")
def read(id_: int) -> str:
    one = _letter(id_)
    return render_template("letter.html", letter=one, moment=moment, **described(one))


@bp.get("/mailbox/<int:id_>/html")
def html(id_: int) -> Response:
    part = _body(_letter(id_).parsed(), "html")
    response = Response(_text(part), content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _LETTER_POLICY
    return response


@bp.get("/mailbox/<int:id_>/source")
def source(id_: int) -> Response:
    return Response(_letter(id_).raw, content_type="text/plain; charset=utf-8")


@bp.get("/mailbox/<int:id_>/attachments/<int:number>")
def attachment(id_: int, number: int) -> Response:
    parts = list(_letter(id_).parsed().iter_attachments())
    if number >= len(parts):
        abort(404)
    part = parts[number]
    response = Response(_bytes(part), content_type=part.get_content_type())
    name = part.get_filename() or f"attachment-{number}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def described(letter: Letter) -> dict[str, object]:
    """Give a letter's headers, parts and attachments as plain values."""
    parsed = letter.parsed()
    return {
        "id": letter.id,
        "at": letter.at,
        "from": str(parsed.get("From", letter.sender)),
        "to": list(letter.to),
        "subject": str(parsed.get("Subject", "")),
        "message_id": str(parsed.get("Message-ID", "")),
        "headers": {name: str(value) for name, value in parsed.items()},
        "text": _text(_body(parsed, "plain")),
        "html": _text(_body(parsed, "html")),
        "attachments": [
            {
                "name": part.get_filename() or f"attachment-{number}",
                "type": part.get_content_type(),
                "size": len(_bytes(part)),
                "url": f"/mailbox/{letter.id}/attachments/{number}",
            }
            for number, part in enumerate(parsed.iter_attachments())
        ],
    }


def _body(message: EmailMessage, kind: str) -> EmailMessage | None:
    preference = ("html",) if kind == "html" else ("plain",)
    return cast(EmailMessage | None, message.get_body(preferencelist=preference))


def _text(part: EmailMessage | None) -> str:
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


def _bytes(part: EmailMessage) -> bytes:
    content = part.get_content()
    if isinstance(content, EmailMessage):
        return content.as_bytes()
    return content.encode() if isinstance(content, str) else bytes(content)


def moment(at: float) -> str:
    """Write a moment of the wall's time for people, in UTC."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at))

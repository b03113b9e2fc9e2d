"""Who of the staff may enter which page: the whole matrix, and a walk through every door of it."""

import re
import uuid
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, IntegerConverter, Rule, UUIDConverter

from app.accounts.models import Role
from tests.builders import a_patron, a_reader, a_staff_member, signed_in
from tests.pages import form_of

#: A letter for each role that may enter: E editor, U fundraiser, F finance, O owner. A new page
#: is missing here until somebody has decided who may see it. A report, by its name, has roles of
#: its own, which the tests of the reports walk through.
MATRIX = """
EUFO  GET       /staff
EUFO  GET       /staff/approvals
-U-O  GET       /staff/appeals
-U-O  GET+POST  /staff/appeals/<key:appeal_id>
-U-O  GET       /staff/appeals/<key:appeal_id>/comparison
-U-O  GET       /staff/appeals/<key:appeal_id>/preview
-U-O  POST      /staff/appeals/<key:appeal_id>/switch
-U-O  GET+POST  /staff/appeals/new
-U-O  GET       /staff/appeals/usual
EUFO  GET+POST  /staff/approvals/<key:approval_id>
--FO  GET       /staff/audit
---O  GET       /staff/audit.csv
--FO  GET       /staff/bank
--FO  GET+POST  /staff/bank/<key:import_id>
--FO  POST      /staff/bank/<key:import_id>/discard
--FO  POST      /staff/bank/book
--FO  GET+POST  /staff/bank/lines/<key:line_id>
--FO  POST      /staff/bank/lines/<key:line_id>/put-back
--FO  POST      /staff/bank/lines/<key:line_id>/set-aside
--FO  GET+POST  /staff/bank/new
--FO  POST      /staff/bank/ticked
-UFO  GET       /staff/campaigns
-UFO  GET+POST  /staff/campaigns/<key:campaign_id>
-UFO  POST      /staff/campaigns/<key:campaign_id>/remove
-UFO  GET+POST  /staff/campaigns/new
EUFO  GET       /staff/chart.svg
E--O  GET       /staff/corrections
E--O  GET       /staff/corrections/<key:group_id>
E--O  POST      /staff/corrections/<key:group_id>/<any(take, spam, look):act>
E--O  GET+POST  /staff/corrections/<key:group_id>/answer
E--O  POST      /staff/corrections/<key:group_id>/assign
E--O  GET+POST  /staff/corrections/<key:group_id>/correct
E--O  GET+POST  /staff/corrections/<key:group_id>/join
E--O  GET+POST  /staff/corrections/<key:group_id>/no-mistake
E--O  GET+POST  /staff/corrections/<key:group_id>/reopen
E--O  POST      /staff/corrections/<key:group_id>/split
E--O  GET+POST  /staff/corrections/notes/<key:note_id>
E--O  GET+POST  /staff/corrections/notes/new
--FO  GET       /staff/differences
--FO  POST      /staff/differences/<key:comparison_id>/call-off
--FO  POST      /staff/differences/<key:difference_id>/repair
--FO  POST      /staff/differences/repair/<kind>
--FO  POST      /staff/differences/run
--FO  GET       /staff/doctor
--FO  POST      /staff/doctor/again/<work>
-UFO  GET       /staff/erasures
-UFO  GET+POST  /staff/erasures/<uuid:erasure_id>
-U-O  GET+POST  /staff/erasures/of/<key:account_id>
EUFO  GET       /staff/exports
EUFO  GET       /staff/exports/<uuid:export_id>
EUFO  POST      /staff/exports/<uuid:export_id>/again
EUFO  GET       /staff/exports/<uuid:export_id>/file
-UFO  GET       /staff/gifts
-UFO  GET       /staff/gifts/<key:donation_id>
-UFO  GET       /staff/gifts/<key:donation_id>/receipt.pdf
--FO  GET+POST  /staff/gifts/<key:donation_id>/take-back
-UFO  GET+POST  /staff/gifts/new
-U-O  GET       /staff/goals
-U-O  GET+POST  /staff/goals/<key:goal_id>
-U-O  GET+POST  /staff/goals/new
--FO  GET       /staff/inbox
--FO  GET       /staff/inbox/<event_id>
--FO  POST      /staff/inbox/<event_id>/again
--FO  POST      /staff/inbox/<event_id>/body
--FO  POST      /staff/inbox/again
--FO  GET       /staff/limits
--FO  GET       /staff/month
--FO  GET+POST  /staff/month/entries.<any(csv, xlsx):form>
--FO  GET+POST  /staff/movements
-UFO  GET       /staff/other-ways
-UFO  GET+POST  /staff/other-ways/<key:way_id>
-UFO  POST      /staff/other-ways/<key:way_id>/<any(hide, show):act>
-UFO  POST      /staff/other-ways/<key:way_id>/<any(up, down):direction>
-UFO  GET+POST  /staff/other-ways/new
-UFO  GET       /staff/people/<key:account_id>
-U-O  GET+POST  /staff/people/<key:account_id>/correct
-UFO  GET       /staff/people/<key:account_id>/gifts/<key:donation_id>
-U-O  GET+POST  /staff/people/<key:account_id>/gifts/<key:donation_id>/receipt-again
-UFO  GET       /staff/people/<key:account_id>/gifts/<key:donation_id>/receipt.pdf
--FO  GET+POST  /staff/people/<key:account_id>/gifts/<key:donation_id>/refund
-U-O  GET+POST  /staff/people/<key:account_id>/letters
-U-O  GET       /staff/people/<key:account_id>/merge
-U-O  GET+POST  /staff/people/<key:account_id>/merge/<key:merged_id>
-U-O  POST      /staff/people/<key:account_id>/notes
-U-O  GET+POST  /staff/people/<key:account_id>/notes/<key:note_id>/remove
-U-O  GET+POST  /staff/people/<key:account_id>/pledges/<uuid:pledge_id>/<any(resume, stay):act>
-U-O  GET+POST  /staff/people/<key:account_id>/pledges/<uuid:pledge_id>/end
-U-O  GET+POST  /staff/people/<key:account_id>/pledges/<uuid:pledge_id>/terms
E--O  GET       /staff/promises
E--O  GET       /staff/promises/<key:promise_id>
E--O  GET+POST  /staff/promises/<key:promise_id>/<any('drop', 'put-right'):act>
E--O  POST      /staff/promises/<key:promise_id>/begin
E--O  POST      /staff/promises/<key:promise_id>/plan
E--O  GET+POST  /staff/promises/<key:promise_id>/publish
E--O  POST      /staff/promises/<key:promise_id>/update
--FO  GET+POST  /staff/rates
-UFO  GET       /staff/recovery
-UFO  GET       /staff/recovery.csv
EUFO  GET       /staff/reports
EUFO  GET       /staff/reports/<name>
EUFO  GET       /staff/reports/<name>.csv
EUFO  GET       /staff/reports/<name>.xlsx
EUFO  GET       /staff/reports/<name>/chart.svg
EUFO  GET       /staff/reports/<name>/list
EUFO  GET+POST  /staff/reports/<name>/list.<any(csv, xlsx):form>
E--O  GET       /staff/reprints
E--O  GET       /staff/reprints.csv
E--O  GET       /staff/reprints/<key:request_id>
E--O  GET+POST  /staff/reprints/<key:request_id>/grant
E--O  GET+POST  /staff/reprints/<key:request_id>/refuse
E--O  GET+POST  /staff/reprints/<key:request_id>/withdraw
E--O  POST      /staff/reprints/<key:request_id>/<any(spam, reopen):act>
E--O  GET       /staff/rounds
E--O  GET+POST  /staff/rounds/<key:round_id>
E--O  POST      /staff/rounds/<key:round_id>/agree
E--O  POST      /staff/rounds/<key:round_id>/ask-back
E--O  GET+POST  /staff/rounds/<key:round_id>/close
E--O  GET+POST  /staff/rounds/<key:round_id>/correct
E--O  GET+POST  /staff/rounds/<key:round_id>/decide
E--O  GET+POST  /staff/rounds/<key:round_id>/extend
E--O  GET+POST  /staff/rounds/<key:round_id>/open
E--O  GET+POST  /staff/rounds/<key:round_id>/pick
E--O  GET       /staff/rounds/<key:round_id>/preview
E--O  POST      /staff/rounds/<key:round_id>/publish
E--O  GET+POST  /staff/rounds/<key:round_id>/recount
E--O  GET+POST  /staff/rounds/<key:round_id>/remind
E--O  POST      /staff/rounds/<key:round_id>/remind/cancel
E--O  POST      /staff/rounds/<key:round_id>/take-back
E--O  GET+POST  /staff/rounds/<key:round_id>/topics/<key:number>/picture
E--O  GET+POST  /staff/rounds/<key:round_id>/topics/<key:number>/withdraw
E--O  GET+POST  /staff/rounds/<key:round_id>/void
E--O  GET+POST  /staff/rounds/monthly
E--O  POST      /staff/rounds/monthly/agree
E--O  GET+POST  /staff/rounds/new
E--O  GET       /staff/rounds/pictures/<key:picture_id>
-UFO  GET       /staff/shield
--FO  GET+POST  /staff/shield/<any(raise, lower):act>
-UFO  GET       /staff/supporters
-UFO  GET+POST  /staff/supporters.<any(csv, xlsx):form>
E--O  GET       /staff/topics
E--O  GET       /staff/topics/<key:proposal_id>
E--O  POST      /staff/topics/<key:proposal_id>/<any('show', 'dismiss'):act>
E--O  GET+POST  /staff/topics/<key:proposal_id>/hide
E--O  GET       /staff/topics/<key:proposal_id>/merge
E--O  GET+POST  /staff/topics/<key:proposal_id>/merge/<key:kept_id>
E--O  POST      /staff/topics/<key:proposal_id>/move
E--O  GET       /staff/topics/reports
E--O  GET+POST  /staff/topics/stories
E--O  POST      /staff/topics/stories/<key:story_id>/remove
"""
LETTERS = dict(zip("EUFO", Role, strict=True))
#: The script of a charting library, which anybody may read; it shows nothing of ours.
OPEN_TO_ALL = {"reports.tooltips"}


@dataclass(frozen=True)
class Door:
    """One way into a staff page: a method, an address, and the roles that may enter."""

    method: str
    path: str
    roles: frozenset[Role]


def written() -> dict[tuple[str, str], frozenset[Role]]:
    """The matrix by method and rule."""
    found = {}
    for line in MATRIX.strip().splitlines():
        match = re.fullmatch(r"([E-][U-][F-][O-])  (\S+) +(/.+)", line)
        assert match, line
        roles = frozenset(LETTERS[letter] for letter in match[1] if letter != "-")
        for method in match[2].split("+"):
            assert (method, match[3]) not in found, line
            found[method, match[3]] = roles
    return found


def guarded(app: Flask) -> dict[tuple[str, str], Rule]:
    """Every rule below /staff by its methods, but for what is open to all."""
    return {
        (method, rule.rule): rule
        for rule in app.url_map.iter_rules()
        if f"{rule.rule}/".startswith("/staff/") and rule.endpoint not in OPEN_TO_ALL
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def doors(app: Flask) -> list[Door]:
    """Every row of the matrix, with something in place of its variables."""
    matrix, found = written(), []
    for key, rule in sorted(guarded(app).items(), key=lambda one: one[0]):
        values = {name: _something(rule, name) for name in rule.arguments}
        path = app.url_map.bind("").build(rule.endpoint, values)
        found.append(Door(key[0], path, matrix[key]))
    return found


def _something(rule: Rule, name: str) -> object:
    """A value no row has, in the shape the address wants."""
    match rule._converters[name]:
        case IntegerConverter():
            return 2_000_000
        case UUIDConverter():
            return uuid.UUID(int=0)
        case AnyConverter() as choice:
            return min(choice.items)
        case _:
            return "2026-08"


def knock(client: FlaskClient, door: Door) -> int:
    """Send a request with a good token, and return the status it gets."""
    token = form_of(client.get("/account" if _is_signed_in(client) else "/sign-in"))["csrf_token"]
    answer = client.open(door.path, method=door.method, data={"csrf_token": token}, buffered=True)
    return answer.status_code


def _is_signed_in(client: FlaskClient) -> bool:
    with client.session_transaction() as session:
        return "_user_id" in session


def test_every_staff_page_stands_in_the_matrix_with_the_roles_of_its_guard(app: Flask) -> None:
    matrix, rules = written(), guarded(app)
    assert set(matrix) == set(rules)
    for key, rule in rules.items():
        roles = getattr(app.view_functions[rule.endpoint], "staff_roles", None)
        assert roles, f"{rule.endpoint} is not guarded by staff_only"
        assert roles == matrix[key], key
        assert Role.OWNER in roles, key


def test_every_staff_page_sends_the_signed_out_to_the_sign_in_page(
    app: Flask, client: FlaskClient
) -> None:
    token = form_of(client.get("/sign-in"))["csrf_token"]
    for door in doors(app):
        answer = client.open(door.path, method=door.method, data={"csrf_token": token})
        assert answer.status_code == 303, door
        assert answer.location.partition("?")[0] == "/sign-in", door


def test_no_staff_page_opens_for_a_reader_or_a_patron(app: Flask) -> None:
    for account in (a_reader(), a_patron()):
        browser = signed_in(app.test_client(), account)
        for door in doors(app):
            assert knock(browser, door) == 403, door


@pytest.mark.parametrize("role", list(Role))
def test_a_staff_page_opens_for_its_roles_and_the_owner_only(app: Flask, role: Role) -> None:
    browser = signed_in(app.test_client(), a_staff_member(role))
    for door in doors(app):
        status = knock(browser, door)
        assert (status == 403) is (role not in door.roles), (door, status)
        assert status < 500, (door, status)

"""What staff read: the Monday page with its chart, and the people who give."""

from datetime import datetime
from typing import Any

import pygaljs
from flask import (
    Blueprint,
    Response,
    abort,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue

from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.current import zone
from app.export import Format
from app.extensions import limiter
from app.reports import (
    chart,
    checks,
    downloads,
    months,
    movements,
    policy,
    queries,
    rate_words,
    rates,
    report_words,
    supporters,
    tables,
    weeks,
    words,
)
from app.reports.contents import PEOPLE, Kind, Wanted
from app.reports.figures import movements as movement_report
from app.reports.rollups import catalogue, following
from app.reports.supporters import Filter
from app.voting import rounds, turnouts

bp = Blueprint("reports", __name__, url_prefix="/staff")

#: How many people a list of the Monday page holds.
NEWEST = 8


@bp.get("")
@policy.under(policy.EMBEDS_CHART)
@staff_only()
def home() -> ResponseReturnValue:
    """The Monday page. Any staff; people by name only for who may see the supporters."""
    following.fresh(*catalogue.ROLLUPS)
    now = queries.up_to(utcnow())
    month = months.first_day(now, zone())
    moved = movements.between(months.start_of(month, zone()), now, newest=NEWEST)
    standing, received = queries.standing(now), queries.received(now, zone())
    week = weeks.moved(weeks.last_monday(now, zone()), now + queries.INSTANT, zone())
    together = _together(standing, week, now)
    attention, wrong = words.checks(checks.look(now))
    # An editor sees how many there are, and neither names nor links that would answer 403.
    by_name = current_account().role in (*PEOPLE, Role.OWNER)
    lists = {
        each: url_for("reports.supporters", filter=each) if by_name else None for each in Filter
    }
    return render_template(
        "reports/home.html",
        month=month,
        today=now,
        figures=[
            words.patrons(standing, moved, lists[Filter.PATRONS]),
            words.recurring(standing, together[0]),
            words.gifts(received, month, _books()),
            words.movements(moved, lists[Filter.LEFT]),
            _turnout(utcnow()),
            attention,
        ],
        wrong=wrong,
        chart=tables.monthly(
            queries.patrons_by_month(now, zone()), received, request.args.get("chart", "")
        ),
        by_name=by_name,
        lists=lists,
        at_risk=queries.at_risk(now, limit=NEWEST) if by_name else (),
        moved=moved,
        week=week,
        week_together=together[1],
        since_monday=movement_report.since_monday,
        missing_since=following.waiting_since(),
        words=words,
        report_words=report_words,
    )


def _together(standing: queries.Standing, week: weeks.Week, now: datetime) -> list[str]:
    """What recurs and what moved, of all currencies in one; empty where there is but one."""
    sums = [
        {one.currency: one.yearly_minor for one in standing.recurring},
        dict(zip(week.currencies, week.yearly, strict=True)),
    ]
    return [
        rate_words.sentence(one, 12) if one else "" for one in rates.now_together(sums, now, zone())
    ]


def _books() -> str | None:
    """The page of the month's ledger, which tells what went back; for who may see it."""
    return url_for("month.show") if current_account().role in (Role.FINANCE, Role.OWNER) else None


def _turnout(now: datetime) -> words.Figure:
    current = rounds.current(now)
    return words.turnout(current, turnouts.turnout(current.id, now=now) if current else None)


@bp.get("/chart.svg")
@policy.under(policy.CHART, frame_options="SAMEORIGIN")
@staff_only()
def chart_svg() -> ResponseReturnValue:
    """Draw the chart named by `of`: "patrons" or a currency. Any staff; 404 for any other name."""
    drawn = _drawn(request.args.get("of", ""), queries.up_to(utcnow()))
    if drawn is None:
        abort(404)
    svg = chart.draw(
        drawn.bars,
        title=drawn.title,
        written=drawn.written,
        styles=[url_for("static", filename="css/chart.css"), url_for("pages.theme")],
        scripts=[url_for("static", filename="js/chart.js"), url_for("reports.tooltips")],
    )
    return _private(Response(svg, mimetype="image/svg+xml"))


def _drawn(of: str, now: datetime) -> tables.Drawn | None:
    if of == tables.PATRONS:
        return tables.patron_bars(queries.patrons_by_month(now, zone()))
    return tables.money_bars(queries.received(now, zone()), of, now, zone())


@bp.get("/pygal-tooltips.js")
def tooltips() -> ResponseReturnValue:
    """The script of pygal's drawings, from the package that carries it. Public."""
    return send_file(
        pygaljs.path("latest", "pygal-tooltips.min.js"), mimetype="text/javascript", max_age=3600
    )


@bp.get("/supporters", endpoint="supporters")
@staff_only(*PEOPLE)
def list_() -> ResponseReturnValue:
    """List everyone who gives, searched, filtered, sorted, by pages. Fundraiser, finance, owner."""
    asked = supporters.question(request.args)
    page = supporters.page(asked, request.args.get("page", 1, type=int), now=utcnow())
    kept: dict[str, Any] = {"q": asked.text or None, "filter": asked.filter, "sort": asked.sort}
    return render_template(
        "reports/supporters.html",
        asked=asked,
        page=page,
        page_url=lambda number: url_for("reports.supporters", page=number, **kept),
        file_url=lambda form: url_for("reports.supporters_file", form=form, **kept),
        filters=words.filters(),
        sorts=words.sorts(),
        missing_since=following.waiting_since(),
        words=words,
        report_words=report_words,
    )


@bp.route("/supporters.<any(csv, xlsx):form>", methods=["GET", "POST"], endpoint="supporters_file")
@staff_only(*PEOPLE)
@limiter.limit(downloads.ASKED_FOR, methods=["POST"])
def file(form: str) -> ResponseReturnValue:
    """The same list as a file, whole; a long one is asked for. Fundraiser, finance, owner."""
    words = {name: request.args[name] for name in ("q", "filter", "sort") if name in request.args}
    return downloads.answer(Wanted(Kind.SUPPORTERS, "", words), Format(form))


def _private(response: Response) -> Response:
    """What staff read is kept by no cache."""
    response.headers["Cache-Control"] = "no-store"
    return response

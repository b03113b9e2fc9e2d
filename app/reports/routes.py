"""What staff read: the Monday page with its chart, and the people who give."""

from collections.abc import Iterator, Mapping
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
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue

from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.current import zone
from app.export import Cell, lines
from app.reports import (
    chart,
    checks,
    months,
    movements,
    policy,
    queries,
    report_words,
    supporters,
    tables,
    weeks,
    words,
)
from app.reports.rollups import catalogue, following
from app.reports.supporters import Filter, Question, Sort
from app.voting import rounds, turnouts

bp = Blueprint("reports", __name__, url_prefix="/staff")

#: Who may see people by name beside the owner; editors see figures.
PEOPLE = (Role.FUNDRAISER, Role.FINANCE)
#: How many people a list of the Monday page holds.
NEWEST = 8
#: No name and no address is longer.
LONGEST_SEARCH = 254


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
            words.recurring(standing),
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
        week=weeks.moved(weeks.last_monday(now, zone()), now + queries.INSTANT, zone()),
        missing_since=following.waiting_since(),
        words=words,
        report_words=report_words,
    )


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
    asked = _asked(request.args)
    page = supporters.page(asked, request.args.get("page", 1, type=int), now=utcnow())
    kept: dict[str, Any] = {"q": asked.text or None, "filter": asked.filter, "sort": asked.sort}
    return render_template(
        "reports/supporters.html",
        asked=asked,
        page=page,
        page_url=lambda number: url_for("reports.supporters", page=number, **kept),
        csv_url=url_for("reports.supporters_csv", **kept),
        filters=words.filters(),
        sorts=words.sorts(),
        words=words,
    )


@bp.get("/supporters.csv")
@staff_only(*PEOPLE)
def supporters_csv() -> ResponseReturnValue:
    """The same list as a file, whole, in rows as they are read. Fundraiser, finance, owner."""
    now = utcnow()
    rows = _rows(supporters.each(_asked(request.args), now=now))
    day = now.astimezone(zone()).date()
    response = Response(stream_with_context(lines(rows)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="supporters-{day}.csv"'
    return _private(response)


def _rows(found: Iterator[supporters.Supporter]) -> Iterator[list[Cell]]:
    yield tables.csv_head()
    for supporter in found:
        yield tables.csv_row(supporter, zone())


def _asked(args: Mapping[str, str]) -> Question:
    """Read what is asked of the list; what it does not know is left out."""
    text = "".join(letter for letter in args.get("q", "") if letter.isprintable())
    return Question(
        text.strip()[:LONGEST_SEARCH],
        Filter(args["filter"]) if args.get("filter") in Filter.__members__.values() else Filter.ALL,
        Sort(args["sort"]) if args.get("sort") in Sort.__members__.values() else Sort.NEWEST,
    )


def _private(response: Response) -> Response:
    """What staff read is kept by no cache."""
    response.headers["Cache-Control"] = "no-store"
    return response

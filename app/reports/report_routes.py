"""The reports: their list, each one's page, its chart, the rows behind a figure, its files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue

from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.current import zone
from app.export import Cell, lines, workbook
from app.localisation import format_money
from app.money import Money
from app.reports import catalogue, chart, months, policy, queries, report_words
from app.reports.chart import Bar
from app.reports.rollups import following
from app.reports.shape import Answer, Asked, Chart, Report, Table

bp = Blueprint("figures", __name__, url_prefix="/staff/reports")

#: How many months can be chosen from, and how many a report covers at first.
OFFERED, AT_FIRST = 60, 12
#: A period is no longer than this many months: ten years.
LONGEST = 120


@dataclass(frozen=True, slots=True)
class Visit:
    """One look at a report: which one, what is asked of it, and the words of the address."""

    report: Report
    asked: Asked
    query: dict[str, str]

    def url(self, endpoint: str, **more: str) -> str:
        """The address of a part of this report, asked in the same way."""
        words: dict[str, Any] = {"name": self.report.name} | self.query | more
        return url_for(f"figures.{endpoint}", **words)


def visited(view: Callable[[Visit], ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Let in who may see the report that is named: 404 for no such report, 403 for others' ones."""

    @wraps(view)
    @staff_only()
    def open_(name: str) -> ResponseReturnValue:
        try:
            report = catalogue.named(name)
        except KeyError:
            abort(404)
        if current_account().role not in (*report.roles, Role.OWNER):
            abort(403)
        return view(_visit(report))

    return open_


@bp.get("")
@staff_only()
def index() -> ResponseReturnValue:
    """List the reports that this member of staff may read. Any staff."""
    role = current_account().role
    groups = [
        (group, [one for one in reports if role in (*one.roles, Role.OWNER)])
        for group, reports in catalogue.by_group()
    ]
    return render_template(
        "reports/index.html", groups=[pair for pair in groups if pair[1]], words=report_words
    )


@bp.get("/<name>")
@policy.under(policy.EMBEDS_CHART)
@visited
def show(visit: Visit) -> ResponseReturnValue:
    """One report. Its own roles, and the owner."""
    answer = visit.report.build(visit.asked)
    running = months.first_day(visit.asked.now, zone())
    return render_template(
        "reports/report.html",
        visit=visit,
        report=visit.report,
        asked=visit.asked,
        answer=answer,
        choices=[months.following(running, -step) for step in range(OFFERED)],
        currencies=queries.currencies(),
        missing_since=following.waiting_since(),
        words=report_words,
    )


@bp.get("/<name>/chart.svg")
@policy.under(policy.CHART, frame_options="SAMEORIGIN")
@visited
def chart_svg(visit: Visit) -> ResponseReturnValue:
    """The report's chart; 404 where it has none. Its own roles, and the owner."""
    drawn = visit.report.build(visit.asked).chart
    if drawn is None:
        abort(404)
    svg = chart.draw(
        [Bar(visit.asked.first, short, full, value) for short, full, value in drawn.bars],
        title=drawn.title,
        written=_written(drawn),
        styles=[url_for("static", filename="css/chart.css"), url_for("pages.theme")],
        scripts=[url_for("static", filename="js/chart.js"), url_for("reports.tooltips")],
    )
    return _private(Response(svg, mimetype="image/svg+xml"))


@bp.get("/<name>/list")
@visited
def behind(visit: Visit) -> ResponseReturnValue:
    """The rows behind one figure; 404 for one that has none. Its own roles, and the owner."""
    return render_template(
        "reports/behind.html",
        visit=visit,
        report=visit.report,
        table=_listed(visit),
        key=request.args.get("of", ""),
        words=report_words,
    )


@bp.get("/<name>.csv")
@visited
def csv(visit: Visit) -> ResponseReturnValue:
    """The report's first table, or with `of` the rows behind a figure, as a file. As the page."""
    table = _listed(visit) if "of" in request.args else _first(visit.report.build(visit.asked))
    response = Response(stream_with_context(lines(_rows(table))), mimetype="text/csv")
    return _attached(response, visit, "csv")


@bp.get("/<name>.xlsx")
@visited
def xlsx(visit: Visit) -> ResponseReturnValue:
    """Every table of the report as a sheet of one file. Its own roles, and the owner."""
    tables = visit.report.build(visit.asked).tables
    if not tables:
        abort(404)
    response = Response(
        workbook([(table.caption, _rows(table)) for table in tables]),
        mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    return _attached(response, visit, "xlsx")


def _visit(report: Report) -> Visit:
    """Read which months and which currency are asked for; what makes no sense is left out."""
    now = queries.up_to(utcnow())
    running = months.first_day(now, zone())
    last = _month(request.args.get("to")) if report.by_period else None
    last = min(last or running, running)
    first = _month(request.args.get("from")) if report.by_period else None
    first = min(first or months.following(last, 1 - AT_FIRST), last)
    first = max(first, months.following(last, 1 - LONGEST))
    currency = request.args.get("currency") if report.by_currency else None
    if currency and currency not in queries.currencies():
        currency = None
    query: dict[str, str] = {}
    if report.by_period:
        query |= {"from": f"{first:%Y-%m}", "to": f"{last:%Y-%m}"}
    if currency:
        query["currency"] = currency
    return Visit(report, Asked(first, last, now, zone(), currency), query)


def _month(text: str | None) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def _listed(visit: Visit) -> Table:
    if visit.report.listed is None:
        abort(404)
    try:
        return visit.report.listed(visit.asked, request.args.get("of", ""))
    except KeyError:
        abort(404)


def _first(answer: Answer) -> Table:
    if not answer.tables:
        abort(404)
    return answer.tables[0]


def _rows(table: Table) -> Iterator[list[Cell]]:
    yield list(table.head)
    for row in table.rows:
        yield [report_words.cell(value, zone()) for value in row]


def _written(drawn: Chart) -> Callable[[int], str]:
    currency = drawn.currency
    if currency is None:
        return report_words.written
    return lambda minor: format_money(Money(minor, currency))


def _attached(response: Response, visit: Visit, kind: str) -> Response:
    span = f"{visit.asked.first:%Y-%m}-{visit.asked.last:%Y-%m}"
    name = f"{visit.report.name}-{span}.{kind}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return _private(response)


def _private(response: Response) -> Response:
    """What staff read is kept by no cache."""
    response.headers["Cache-Control"] = "no-store"
    return response

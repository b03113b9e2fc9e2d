"""The reports: their list, each one's page, its chart, the rows behind a figure, its files."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

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

from app.accounts import audit
from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.current import settings, zone
from app.export import TYPES, Cell, Format, lines, workbook
from app.extensions import db, limiter
from app.localisation import format_money
from app.money import Money
from app.reports import (
    asking,
    catalogue,
    chart,
    contents,
    downloads,
    listing,
    months,
    policy,
    queries,
    report_words,
)
from app.reports.chart import Bar
from app.reports.contents import Kind, Wanted
from app.reports.rollups import following
from app.reports.shape import Asked, Chart, Listing, Report, Table

bp = Blueprint("figures", __name__, url_prefix="/staff/reports")

#: How many months can be chosen from.
OFFERED = 60


@dataclass(frozen=True)
class Visit:
    """One look at a report: which one, what is asked of it, and the words of the address."""

    report: Report
    asked: Asked
    query: dict[str, str]

    def url(self, endpoint: str, **more: str) -> str:
        """The address of a part of this report, asked in the same way."""
        words: dict[str, Any] = {"name": self.report.name} | self.query | more
        return url_for(f"figures.{endpoint}", **words)

    def behind(self, key: str) -> str:
        """The address of the list behind a figure; a page has thousands, so none is made anew."""
        return self._lists + urlencode({"of": key}, safe="!$'()*,/:;?@")

    @cached_property
    def _lists(self) -> str:
        address = self.url("behind")
        return f"{address}{'&' if '?' in address else '?'}"


def visited(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Let in who may see the report that is named: 404 for no such report, 403 for others' ones."""

    @wraps(view)
    @staff_only()
    def open_(name: str, **more: str) -> ResponseReturnValue:
        try:
            report = catalogue.named(name)
        except KeyError:
            abort(404)
        if current_account().role not in (*report.roles, Role.OWNER):
            abort(403)
        return view(_visit(report), **more)

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
        "reports/index.html",
        groups=[pair for pair in groups if pair[1]],
        rates=role in (Role.FINANCE, Role.OWNER),
        words=report_words,
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
        address=settings().site_url + visit.url("show"),
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
    """The rows behind one figure, by pages; 404 for one that has none. As the report."""
    found, key = _listed(visit), request.args.get("of", "")
    page = listing.page(found, request.args.get("page", 1, type=int))
    return render_template(
        "reports/behind.html",
        visit=visit,
        report=visit.report,
        table=Table(found.caption, found.head, page.rows, found.note),
        page=page,
        page_url=lambda number: visit.url("behind", of=key, page=str(number)),
        key=key,
        address=settings().site_url + visit.url("behind", of=key, page=str(page.number)),
        missing_since=following.waiting_since(),
        words=report_words,
    )


@bp.route("/<name>/list.<any(csv, xlsx):form>", methods=["GET", "POST"])
@visited
@limiter.limit(downloads.ASKED_FOR, methods=["POST"])
def list_file(visit: Visit, form: str) -> ResponseReturnValue:
    """The rows behind a figure as a file, whole; a long one is asked for. As the report."""
    words = {**visit.query, "of": request.args.get("of", "")}
    return downloads.answer(Wanted(Kind.LIST, visit.report.name, words), Format(form))


@bp.get("/<name>.csv")
@visited
def csv(visit: Visit) -> ResponseReturnValue:
    """The report's first table as a file. Its own roles, and the owner."""
    table = _tables(visit)[0]
    _note(visit, Format.CSV)
    response = Response(
        stream_with_context(lines(_rows(table))),
        mimetype="text/csv",
    )
    return _attached(response, visit, "csv")


@bp.get("/<name>.xlsx")
@visited
def xlsx(visit: Visit) -> ResponseReturnValue:
    """Every table of the report as a sheet of one file. Its own roles, and the owner."""
    tables = _tables(visit)
    _note(visit, Format.XLSX)
    file = BytesIO()
    workbook([(table.caption, _rows(table)) for table in tables], file)
    return _attached(Response(file.getvalue(), mimetype=TYPES[Format.XLSX]), visit, "xlsx")


def _rows(table: Table) -> Iterator[Sequence[Cell]]:
    return contents.with_a_word(contents.cells(table.head, table.rows))


def _tables(visit: Visit) -> Sequence[Table]:
    """The tables of a report; 404 where it has none."""
    tables = visit.report.build(visit.asked).tables
    if not tables:
        abort(404)
    return tables


def _note(visit: Visit, of: Format) -> None:
    """Enter in the audit log who took a report out."""
    audit.note(
        current_account().id,
        "report_downloaded",
        "report",
        visit.report.name,
        now=utcnow(),
        report_name=visit.report.name,
        format=of.value,
    )
    db.session.commit()


def _visit(report: Report) -> Visit:
    asked = asking.read(report, request.args, utcnow(), zone())
    return Visit(report, asked, asking.words_of(report, asked))


def _listed(visit: Visit) -> Listing:
    if visit.report.listed is None:
        abort(404)
    try:
        return visit.report.listed(visit.asked, request.args.get("of", ""))
    except KeyError:
        abort(404)


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

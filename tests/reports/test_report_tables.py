"""Tables of reports as they stand on a page."""

import pytest
from flask import Flask, get_template_attribute

from app.reports import report_words
from app.reports.shape import FIRST_ROWS, Each, Table, Value


@pytest.mark.parametrize(("rows", "shown"), [(1, 1), (120, 120), (121, 120), (1300, 120)])
def test_of_a_very_long_table_the_page_has_its_beginning_and_says_so(
    app: Flask, rows: int, shown: int
) -> None:
    table = Table("Articles", ["Article", "People"], [[f"no. {n}", n] for n in range(rows)])
    with app.test_request_context():
        written = get_template_attribute("reports/report_parts.html", "report_table")(
            table, None, report_words
        )
    assert written.count('<th scope="row">') == shown
    note = f"The first 120 of {rows:,} rows; the XLSX file has all of them."
    assert (note in written) is (rows > shown)


def test_of_a_thousand_things_only_those_on_the_page_are_written(app: Flask) -> None:
    made: list[int] = []

    def row(number: int) -> list[Value]:
        made.append(number)
        return [f"no. {number}", number]

    table = Table("Articles", ["Article", "People"], Each(range(1000), row), shown=FIRST_ROWS)
    with app.test_request_context():
        written = get_template_attribute("reports/report_parts.html", "report_table")(
            table, None, report_words
        )
    assert written.count('<th scope="row">') == FIRST_ROWS
    assert f"The first {FIRST_ROWS} of 1,000 rows" in written
    assert made == list(range(FIRST_ROWS))
    assert [name for name, _number in table.rows][-1] == "no. 999"

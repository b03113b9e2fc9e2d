"""Rates of exchange: what payments were settled at, and what finance sets for a month itself."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, ValidationError

from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.current import zone
from app.extensions import limiter
from app.localisation import format_month
from app.reports import months, own_rates, queries, rate_words, rates
from app.reports.rates import Rate, Rates

bp = Blueprint("rates", __name__, url_prefix="/staff/rates")

#: So many months can be looked at and set.
OFFERED = 24
#: No currency is worth more, or less than one part in as many, of another.
MOST = Decimal(1_000_000)


class RateForm(FlaskForm):
    """A rate for one month and currency; empty takes the one that was set back."""

    month = SelectField(_l("Month"))
    currency = SelectField(_l("Currency"))
    rate = StringField(_l("What one unit is worth"), render_kw={"inputmode": "decimal"})

    #: The rate that was typed, once the form is valid; None for an empty field.
    read: Decimal | None = None

    def validate_rate(self, field: StringField) -> None:
        """A plain number above nothing, with up to ten decimals."""
        text = "".join((field.data or "").split()).replace(",", ".")
        if not text:
            self.read = None
            return
        try:
            rate = Decimal(text)
        except InvalidOperation:
            rate = Decimal("NaN")
        plain = all(letter in "0123456789." for letter in text)
        if not plain or not rate.is_finite() or not 1 / MOST <= rate <= MOST:
            raise ValidationError(_("Write the rate as a number, such as 0.92."))
        if rate != round(rate, 10):
            raise ValidationError(_("Write the rate with at most ten decimals."))
        self.read = rate


@bp.get("")
@staff_only(Role.FINANCE)
def show() -> ResponseReturnValue:
    """The rates of the last months, and a form to set one. Finance, owner."""
    return _page(_form())


@bp.post("")
@staff_only(Role.FINANCE)
@limiter.limit("60 per hour")
def enter() -> ResponseReturnValue:
    """Set a rate, or take the one that was set back. Finance, owner."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 422
    month = date.fromisoformat(f"{form.month.data}-01")
    own_rates.enter(
        month,
        form.currency.data,
        rates.main_currency(),
        form.read,
        by=current_account().id,
        now=utcnow(),
    )
    if form.read is None:
        flash(_("The rate that was set is taken back; that of the payments counts again."))
    else:
        flash(_("The rate is set."))
    return redirect(url_for("rates.show"), 303)


def _form() -> RateForm:
    form = RateForm()
    form.month.choices = [
        (f"{month:%Y-%m}", format_month(month)) for month in reversed(_months(_now()))
    ]
    form.currency.choices = list(_currencies())
    return form


def _page(form: RateForm) -> str:
    now = _now()
    shown = _months(now)
    found = rates.between(shown[0], shown[-1], now, zone())
    return render_template(
        "reports/rates.html",
        form=form,
        into=found.into,
        currencies=_currencies(),
        rows=[
            (month, [_cell(found, month, currency) for currency in _currencies()])
            for month in reversed(shown)
        ],
        words=rate_words,
    )


def _cell(found: Rates, month: date, currency: str) -> Rate | None:
    """The rate of that very month; what others fall back on is not its own."""
    return found.by_month.get((month, currency))


def _months(now: datetime) -> list[date]:
    return months.latest(OFFERED, now, zone())


def _currencies() -> list[str]:
    into = rates.main_currency()
    return [code for code in queries.currencies() if code != into]


def _now() -> datetime:
    return queries.up_to(utcnow())

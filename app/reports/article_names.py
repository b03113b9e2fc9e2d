"""How an article is named: by its title where readers' pages told it, else by its address.

Figures are counted by the address, whatever it is called.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, String, and_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from app.addresses import readable
from app.extensions import db
from app.giving.models import Checkout, Touch

#: Of so many of the newest gifts the title that was told most often is taken: whoever gives can
#: tell any, and one must not rename an article for all.
TOLD = 9
#: They are looked for among so many of the newest touches: whoever sends the form without paying
#: leaves one as well, and there is no end to these.
LOOKED_AT = 300


def written(article: str | None, title: str | None = None) -> str:
    """Write what an article is called; none is unknown."""
    return title or readable(article or "") or str(_("unknown"))


def named(articles: Iterable[str]) -> dict[str, str]:
    """Write what each of these articles is called, and the unknown one (empty); one statement.

    Of two with the same title each has its address beside it.
    """
    wanted = sorted({*articles} - {""})
    one = func.unnest(literal(wanted, ARRAY(String))).table_valued("article").render_derived()
    found = db.session.execute(select(one.c.article, title_of(one.c.article)))
    names = {article: written(article, title) for article, title in found} | {"": written("")}
    counts = Counter(names.values())
    return {
        article: name if counts[name] == 1 else f"{name} ({readable(article)})"
        for article, name in names.items()
    }


def title_of(article: ColumnElement[Any] | Any) -> ColumnElement[str | None]:
    """The title of an article by which its row is named; null where none was told.

    It is told by whoever paid: a form that anybody may send costs nothing.
    """
    touch, begun = aliased(Touch, name="titled"), aliased(Checkout, name="begun")
    told = (
        select(touch.checkout_id, touch.title, touch.on)
        .where(touch.article == article, touch.title.is_not(None))
        .order_by(touch.on.desc())
        .limit(LOOKED_AT)
        .correlate_except(touch)
        .subquery("told")
    )
    newest = (
        select(told.c.title)
        .join(begun, and_(begun.id == told.c.checkout_id, begun.status == "paid"))
        .order_by(told.c.on.desc())
        .limit(TOLD)
        .subquery("newest")
    )
    return select(func.mode().within_group(newest.c.title)).scalar_subquery()

"""The policies of the two pages that need one of their own: who embeds the chart, and the chart."""

from collections.abc import Callable
from typing import TypeVar

View = TypeVar("View", bound=Callable[..., object])

#: A staff page that embeds a drawing of ours. A plain picture could not run the chart's tooltips.
EMBEDS_CHART = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    # Browsers ask both of an <object> that holds a document.
    "object-src": "'self'",
    "frame-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}

#: The drawing: nothing but our own style sheets and scripts, inside nothing but our own pages.
CHART = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "form-action": "'none'",
    "frame-ancestors": "'self'",
    "base-uri": "'none'",
}


def under(policy: dict[str, str], *, frame_options: str = "DENY") -> Callable[[View], View]:
    """Answer from a view under a policy of its own; stands above every other guard of the view."""

    def mark(view: View) -> View:
        # Where Flask-Talisman looks for what differs from the application's policy.
        view.talisman_view_options = {  # type: ignore[attr-defined]
            "content_security_policy": policy,
            "frame_options": frame_options,
        }
        return view

    return mark

"""What every answer tells the browser to refuse, and who is asking behind a proxy."""

from typing import Any

from flask import Flask, Request, Response, g, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_talisman import Talisman
from werkzeug.middleware.proxy_fix import ProxyFix

from config.settings import Environment, Settings

STRIPE_PAGES = ("https://checkout.stripe.com", "https://billing.stripe.com")


def init_app(app: Flask, settings: Settings) -> None:
    """Set the policies, cookies and proxy trust of the application."""
    real = settings.environment is Environment.PRODUCTION
    app.session_interface = _Sessions()
    # Registered first, it runs after Talisman, which sets the same header on every answer.
    app.after_request(_stricter_referrer)
    # A form of ours may lead on to the provider's pages; nothing else may be sent anywhere.
    pages = (settings.stripe_api_base,) if settings.stripe_api_base else STRIPE_PAGES
    _Policies(
        app,
        force_https=real,
        strict_transport_security=real,
        strict_transport_security_max_age=2 * 365 * 24 * 3600,
        session_cookie_secure=real,
        session_cookie_samesite="Lax",
        frame_options="DENY",
        referrer_policy="strict-origin-when-cross-origin",
        content_security_policy={
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "'self'",
            "connect-src": "'self'",
            "form-action": " ".join(("'self'", *pages)),
            "frame-ancestors": "'none'",
            "base-uri": "'none'",
        },
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )


def _stricter_referrer(response: Response) -> Response:
    """Follow a view that set `g.referrer_policy`, such as one whose address holds a token."""
    policy = g.get("referrer_policy")
    if policy:
        response.headers["Referrer-Policy"] = policy
    return response


class _Policies(Talisman):
    """Talisman that writes down each view's headers once, and not for every answer anew."""

    _written: dict[tuple[str | None, bool], list[tuple[str, str]]]

    def init_app(self, app: Flask, **options: Any) -> None:
        """Bind to the application."""
        self._written = {}
        super().init_app(app, **options)

    def _set_response_headers(self, response: Response) -> Response:
        secure = request.is_secure or request.headers.get("X-Forwarded-Proto") == "https"
        view = (request.endpoint, secure)
        if view not in self._written:
            blank = Response()
            blank.headers.clear()
            self._written[view] = list(super()._set_response_headers(blank).headers)
        response.headers.update(self._written[view])
        return response


class _Sessions(SecureCookieSessionInterface):
    """Flask's sessions, of which a request without the cookie has none to open."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

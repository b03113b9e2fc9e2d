"""What every answer tells the browser to refuse, and who is asking behind a proxy."""

from flask import Flask, Response, g
from flask_talisman import Talisman
from werkzeug.middleware.proxy_fix import ProxyFix

from config.settings import Environment, Settings

STRIPE_PAGES = ("https://checkout.stripe.com", "https://billing.stripe.com")


def init_app(app: Flask, settings: Settings) -> None:
    """Set the policies, cookies and proxy trust of the application."""
    real = settings.environment is Environment.PRODUCTION
    # Registered first, it runs after Talisman, which sets the same header on every answer.
    app.after_request(_stricter_referrer)
    # A form of ours may lead on to the provider's pages; nothing else may be sent anywhere.
    pages = (settings.stripe_api_base,) if settings.stripe_api_base else STRIPE_PAGES
    Talisman(
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

"""Settings are complete and safe, or the process does not start and says why."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from app import create_app
from config import settings as settings_module
from config.newsroom import Colours, Newsroom, Text, contrast, load
from config.settings import Environment, IncompleteSettings, Settings

NEWSROOM = Path(__file__).parent.parent / "config" / "local" / "newsroom.toml"

FIT: dict[str, Any] = {
    "environment": "production",
    "site_url": "https://support.example.org/",
    "secret_key": "k" * 32,
    "sealing_key": "s" * 32,
    "metrics_token": "m" * 16,
    "database_url": "postgresql+psycopg://db/hromada",
    "redis_url": "redis://cache/0",
    "smtp_url": "smtps://mail.example.org",
    "mail_from": "community@example.org",
    "stripe_api_key": "sk_live_1",
    "stripe_webhook_secrets": "whsec_1, whsec_2",
    "newsroom_file": str(NEWSROOM),
}


def test_complete_settings_are_read_and_frozen() -> None:
    settings = Settings(**FIT)
    assert settings.environment is Environment.PRODUCTION
    assert settings.site_url == "https://support.example.org"
    assert [s.get_secret_value() for s in settings.stripe_webhook_secrets] == ["whsec_1", "whsec_2"]
    assert settings.livemode
    assert settings.newsroom.name.within("uk") == "Вільний голос"
    with pytest.raises(ValidationError):
        settings.site_url = "https://elsewhere.example"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"stripe_api_base": "http://127.0.0.1:8100"}, "STRIPE_API_KEY is live"),
        ({"stripe_api_key": "sk_test_demo-1"}, "STRIPE_API_KEY is the demo's"),
        ({"secret_key": "demo-secret-key-that-is-long-enough-x"}, "SECRET_KEY is a demo secret"),
        ({"sealing_key": "demo-sealing-key-that-is-long-enough"}, "SEALING_KEY is a demo secret"),
        ({"stripe_webhook_secrets": "whsec_demo-1"}, "STRIPE_WEBHOOK_SECRETS is a demo secret"),
        ({"stripe_webhook_secrets": " , "}, "STRIPE_WEBHOOK_SECRETS is empty"),
        ({"environment": "demo"}, "STRIPE_API_KEY is live"),
        ({"environment": "test"}, "STRIPE_API_KEY is live"),
        ({"mail_from": "Support <support@example.org>"}, "must be an address alone"),
        ({"mail_from": "support"}, "must be an address alone"),
        ({"currencies": ","}, "CURRENCIES is empty"),
        ({"secret_key": "short"}, "SECRET_KEY needs at least 32"),
        ({"metrics_token": None}, "METRICS_TOKEN is required"),
        ({"site_url": "http://support.example.org"}, "SITE_URL must start with https://"),
        ({"site_url": "support.example.org"}, "must be an address"),
        (
            {"stripe_api_key": "sk_test_1", "stripe_api_base": "http://127.0.0.1:8100"},
            "production speaks to Stripe",
        ),
    ],
)
def test_what_would_lose_money_or_secrets_is_refused_by_name(
    over: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        Settings(**FIT | over)


def test_a_missing_setting_is_named_and_no_value_is_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in FIT.items():
        monkeypatch.setenv(name.upper(), value)
    monkeypatch.delenv("SMTP_URL")
    monkeypatch.setenv("SITE_URL", "hunter2")
    with pytest.raises(IncompleteSettings) as refused:
        settings_module.read()
    assert "SMTP_URL: is missing" in str(refused.value)
    assert "SITE_URL" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_newsroom_file_that_is_not_there_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in FIT.items():
        monkeypatch.setenv(name.upper(), value)
    monkeypatch.setenv("NEWSROOM_FILE", str(tmp_path / "none.toml"))
    with pytest.raises(IncompleteSettings, match="NEWSROOM_FILE"):
        settings_module.read()


def test_a_secret_does_not_show_when_settings_are_printed() -> None:
    shown = repr(
        Settings(**FIT | {"redis_url": "redis://:pa55@cache/0", "broker_url": "b://:pa66@c"})
    )
    for secret in ("k" * 32, "s" * 32, "sk_live_1", "whsec_1", "pa55", "pa66"):
        assert secret not in shown


def test_a_currency_without_amounts_stops_the_start() -> None:
    with pytest.raises(IncompleteSettings, match="CHF"):
        create_app(Settings(**FIT | {"currencies": "EUR,CHF"}))


def test_an_unknown_time_zone_is_refused() -> None:
    for zone in ("Europe/Kyjiv", "", "../etc"):
        with pytest.raises(ValidationError, match="no time zone"):
            Newsroom.model_validate(load(NEWSROOM).model_dump() | {"timezone": zone})


def test_the_example_of_all_settings_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (NEWSROOM.parent.parent / "example.env").read_text(encoding="utf-8").splitlines()
    named = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NEWSROOM_FILE", str(NEWSROOM))
    with pytest.raises(IncompleteSettings) as refused:
        settings_module.read()
    # What is not an example but a secret is all that is left to fill in.
    told = str(refused.value).splitlines()[1:]
    assert all("KEY" in line or "SECRET" in line or "TOKEN" in line for line in told), told


def test_colours_that_cannot_be_read_are_refused() -> None:
    assert round(contrast("#000000", "#ffffff"), 1) == 21.0
    with pytest.raises(ValidationError, match="contrast"):
        Colours(accent="#ffd84d")
    with pytest.raises(ValidationError, match="contrast"):
        Colours(accent_dark="#0a2040")


def test_a_text_falls_back_to_english() -> None:
    assert Text(en="Hello").within("uk") == "Hello"
    assert load(NEWSROOM).tagline.within("en") == "Independent reporting from Ukraine"


def test_a_website_that_is_no_address_is_refused() -> None:
    told = load(NEWSROOM).model_dump() | {"website": "vilnyi-holos.example"}
    with pytest.raises(ValidationError, match="must be an address such as"):
        Newsroom.model_validate(told)


def test_a_newsroom_at_a_name_beyond_ascii_has_pages(settings: Settings) -> None:
    house = settings.newsroom.model_copy(update={"website": "https://новини.укр"})
    app = create_app(settings.model_copy(update={"newsroom": house}))
    policy = app.test_client().get("/privacy").headers["Content-Security-Policy"]
    assert "https://xn--b1amarcd.xn--j1amh" in policy

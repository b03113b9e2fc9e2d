"""The settings of the demo: every one the product needs, none of them fit for production."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from config.local.ports import LOOPBACK

ROOT = Path(__file__).resolve().parents[2]

WEB_PORT, SANDBOX_PORT, SANDBOX_SMTP_PORT = "8000", "8100", "8125"
#: The first of the demo's staff, made by `flask demo fill`.
STAFF = "owner@newsroom.example"
WEBHOOK_SECRET = "whsec_demo-local-sandbox"  # noqa: S105 - protects nothing but the demo


def environment(
    home: Path, addresses: Mapping[str, str], environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Return the whole environment of the demo's processes; what `environ` sets wins.

    `addresses` are those of the database and the broker, `home` is where processes keep state.
    A Stripe key in `environ` means the real Stripe: then the sandbox is not named as its address.
    """
    chosen = {name: value for name, value in environ.items() if value}
    web = chosen.get("WEB_PORT", WEB_PORT)
    sandbox = chosen.get("SANDBOX_PORT", SANDBOX_PORT)
    smtp = chosen.get("SANDBOX_SMTP_PORT", SANDBOX_SMTP_PORT)
    secret = chosen.get("STRIPE_WEBHOOK_SECRETS", WEBHOOK_SECRET).split(",")[0].strip()
    settings = {
        "ENVIRONMENT": "demo",
        "SITE_URL": f"http://{LOOPBACK}:{web}",
        "SECRET_KEY": "demo-secret-key-of-the-local-newsroom",
        "SEALING_KEY": "demo-sealing-key-of-the-local-newsroom",
        "SMTP_URL": f"smtp://{LOOPBACK}:{smtp}",
        "MAIL_FROM": "support@newsroom.example",
        "STRIPE_API_KEY": "sk_test_demo-local-sandbox",
        "STRIPE_WEBHOOK_SECRETS": WEBHOOK_SECRET,
        "NEWSROOM_FILE": str(ROOT / "config" / "local" / "newsroom.toml"),
        # Pages that carry our elements are tried out on any port of this machine.
        "SITE_ORIGINS": "http://localhost:*",
        # Who tries the demo out by a script is not asked to press the button twice.
        "GIVE_SECONDS": "0",
        "WEB_PORT": web,
        "WEB_WORKERS": "1",
        "BEAT_SCHEDULE": str(home / "beat-schedule"),
        "SANDBOX_PORT": sandbox,
        "SANDBOX_SMTP_PORT": smtp,
        "SANDBOX_WEBHOOK_URL": f"http://{LOOPBACK}:{web}/webhooks/stripe",
        "SANDBOX_WEBHOOK_SECRET": secret,
        "SANDBOX_STATE_DIR": str(home / "sandbox"),
    }
    if "STRIPE_API_KEY" not in chosen:
        settings["STRIPE_API_BASE"] = f"http://{LOOPBACK}:{sandbox}"
    # The Procfile's commands are those of this very environment, whatever the shell has active.
    path = os.pathsep.join((str(Path(sys.prefix) / "bin"), environ.get("PATH", os.defpath)))
    return settings | dict(addresses) | chosen | {"PATH": path, "PYTHONUNBUFFERED": "1"}

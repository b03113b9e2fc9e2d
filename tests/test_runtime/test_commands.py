"""The settings of the demo, `make reset`, and what `make` says where something is missing."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from config.local import demo
from config.local.reset import empty
from config.local.run import sole_user
from config.local.services import Services
from config.local.waiting import LocalFailure
from config.settings import Settings

TARGETS = ("run", "reset", "test", "check", "bench", "help", "format", "lock", "clean")


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    # Under `make test` this make would take itself for a part of that one.
    alone = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", *arguments], cwd=demo.ROOT, env=alone, capture_output=True, text=True, check=False
    )


def test_help_lists_every_target() -> None:
    listed = make("help").stdout
    assert [target for target in TARGETS if f"make {target} " not in listed] == []
    assert make().stdout == listed


def test_a_machine_without_python_is_told_so_in_one_sentence() -> None:
    refused = make("environment", "PYTHONS=no-such-python")
    assert refused.returncode != 0
    assert refused.stdout.count("\n") == 1
    assert "Python 3.11 or newer is needed" in refused.stdout


def test_the_environment_overrides_the_demo(tmp_path: Path) -> None:
    settings = demo.environment(tmp_path, {}, {"WEB_PORT": "8001", "SECRET_KEY": "mine", "X": ""})
    assert settings["SITE_URL"] == "http://127.0.0.1:8001"
    assert settings["SANDBOX_WEBHOOK_URL"] == "http://127.0.0.1:8001/webhooks/stripe"
    assert settings["SECRET_KEY"] == "mine"
    assert settings["STRIPE_API_BASE"] == "http://127.0.0.1:8100"


def test_a_stripe_key_of_ones_own_means_the_real_stripe(tmp_path: Path) -> None:
    settings = demo.environment(tmp_path, {}, {"STRIPE_API_KEY": "sk_test_mine"})
    assert "STRIPE_API_BASE" not in settings


def test_reset_refuses_while_the_product_runs(home: Path) -> None:
    with sole_user(home), pytest.raises(LocalFailure, match="End it first"):
        empty(home)


def test_reset_leaves_an_empty_place_and_ends_what_a_killed_run_left(home: Path) -> None:
    left = Services(home, environ={}, durable=False).start()
    (home / "sandbox").mkdir()
    empty(home)
    assert [entry.name for entry in home.iterdir()] == ["run.lock"]
    left.stop()
    with Services(home, environ={}, durable=False) as fresh:
        assert fresh.addresses["DATABASE_URL"] != left.addresses["DATABASE_URL"]


def test_the_example_explains_every_setting_there_is() -> None:
    text = (demo.ROOT / "config" / "example.env").read_text()
    named = set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE))
    assert named == {name.upper() for name in Settings.model_fields}


def test_the_demo_sets_all_that_is_required(tmp_path: Path) -> None:
    addresses = {"DATABASE_URL": "postgresql+psycopg://x", "REDIS_URL": "redis://x"}
    given = set(demo.environment(tmp_path, addresses, {}))
    required = {n.upper() for n, field in Settings.model_fields.items() if field.is_required()}
    assert required <= given

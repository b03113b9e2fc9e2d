"""`make run`: what it says, what it keeps, what it leaves behind."""

import os
import signal
import socket
import time

import psycopg
import pytest

from config.local.waiting import alive, until
from tests.test_runtime.small_product import RunningProduct, SmallProduct


def everyone_is_gone(run: RunningProduct) -> bool:
    return not any(alive(pid) for pid in run.family())


def leader(product: SmallProduct, name: str) -> int:
    """Return the id of the process that the runner's own log gives for `name`."""
    log = (product.home / "log" / "system.log").read_text()
    return int(log.split(f"{name} started (pid=")[1].split(")")[0])


def accounts(product: SmallProduct) -> int:
    settings = (product.home / "local.env").read_text().splitlines()
    url = next(line.partition("=")[2] for line in settings if line.startswith("DATABASE_URL="))
    with psycopg.connect(url.strip("'").replace("+psycopg", "")) as connection:
        row = connection.execute("SELECT count(*) FROM account").fetchone()
    assert row is not None
    return int(row[0])


def test_a_second_start_keeps_the_data_and_fills_nothing(anybodys_product: SmallProduct) -> None:
    for attempt in range(2):
        with anybodys_product.run() as run:
            began = time.monotonic()
            run.wait_for_panel()
            took = time.monotonic() - began
            assert {"postgres", "redis-server", "granian", "celery"} <= run.programs()
            assert accounts(anybodys_product) == 1
            assert ("Filling" in run.output) is (attempt == 0)
            run.family()
            run.process.send_signal(signal.SIGINT)
            assert run.wait_for_end() == 0
            assert everyone_is_gone(run)
    assert took < 6


def test_an_interrupt_ends_every_process_database_and_broker_too(
    whole_product: SmallProduct,
) -> None:
    with whole_product.run() as run:
        run.wait_for_panel()
        assert {"postgres", "redis-server"} <= run.programs()
        run.process.send_signal(signal.SIGINT)
        assert run.wait_for_end() == 0
        assert everyone_is_gone(run)


def test_an_interrupt_during_the_start_leaves_nothing(whole_product: SmallProduct) -> None:
    with whole_product.run() as run:
        until(lambda: bool(run.family()), "the first process", timeout=10)
        run.process.send_signal(signal.SIGINT)
        assert run.wait_for_end() in (0, 128 + signal.SIGINT)
        assert everyone_is_gone(run)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_the_panel_names_every_address_and_other_signals_end_a_run_too(
    product: SmallProduct, number: signal.Signals
) -> None:
    with product.run() as run:
        run.wait_for_panel()
        site, sandbox = product.ports["WEB_PORT"], product.ports["SANDBOX_PORT"]
        assert f"http://127.0.0.1:{site}" in run.output
        assert f"http://127.0.0.1:{sandbox}/mailbox" in run.output
        assert "4242 4242 4242 4242" in run.output
        run.family()
        run.process.send_signal(number)
        assert run.wait_for_end() == 0
        assert everyone_is_gone(run)
        assert not (product.home / "local.env").exists()


@pytest.mark.parametrize("name", ["web", "worker", "beat", "sandbox"])
def test_a_process_that_dies_is_named_and_ends_the_rest(product: SmallProduct, name: str) -> None:
    with product.run() as run:
        run.wait_for_panel()
        run.family()
        os.kill(leader(product, name), signal.SIGKILL)
        assert run.wait_for_end() == 1
        assert f"The process {name} ended early." in run.output
        assert everyone_is_gone(run)


def test_the_last_lines_of_what_died_are_shown(product: SmallProduct) -> None:
    with product.run(WEB_FAILS="yes") as run:
        assert run.wait_for_end() == 1
        assert "The process web ended early." in run.output
        assert "the newsroom is missing" in run.output


@pytest.mark.parametrize("name", ["WEB_PORT", "SANDBOX_PORT", "SANDBOX_SMTP_PORT"])
def test_a_port_in_use_is_said_in_one_sentence(product: SmallProduct, name: str) -> None:
    with socket.create_server(("127.0.0.1", int(product.ports[name]))), product.run() as run:
        assert run.wait_for_end() == 1
        assert f"Port {product.ports[name]} of 127.0.0.1 is in use." in run.output
        assert run.output.count("\n") == 1


def test_two_runs_never_share_their_data(product: SmallProduct) -> None:
    with product.run() as first:
        first.wait_for_panel()
        product.ports = dict.fromkeys(product.ports, "1")
        output = first.output
        with product.run() as second:
            assert second.wait_for_end() == 1
            assert "Another `make run` uses" in second.output
        assert output
        assert first.process.poll() is None

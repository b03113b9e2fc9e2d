"""The embedded database and broker: their data, their addresses, their end."""

import os
from pathlib import Path

import psycopg
import pytest
import redis

from config.local import identity, ports
from config.local.broker import Broker
from config.local.postgres import Postgres
from config.local.services import Services
from config.local.waiting import LocalFailure


def connect(server: Postgres, database: str) -> psycopg.Connection:
    return psycopg.connect(server.url(database).replace("+psycopg", ""))


def test_the_database_keeps_its_data_and_address_from_start_to_start(home: Path) -> None:
    with Services(home, environ={}, durable=False) as services:
        assert services.postgres
        first = services.addresses
        with connect(services.postgres, "hromada") as connection:
            connection.execute("CREATE TABLE patron AS SELECT 'Їжак' AS name")
    with Services(home, environ={}, durable=False) as services:
        assert services.postgres
        assert services.addresses == first
        with connect(services.postgres, "hromada") as connection:
            found = connection.execute("SELECT lower(name) FROM patron").fetchone()
    # Ukrainian letters have their small forms whatever locales the machine carries.
    assert found == ("їжак",)


def test_servers_that_a_killed_run_left_are_taken_over_and_ended(home: Path) -> None:
    left = Services(home, environ={}, durable=False).start()
    with Services(home, environ={}, durable=False) as services:
        assert services.addresses == left.addresses
        assert services.broker
        assert redis.Redis.from_url(services.broker.url()).ping()
    assert left.postgres
    assert left.broker
    assert not Postgres(home).take_over()
    assert not Broker(home).take_over()
    # They were this process's own children and are still to be waited for.
    left.stop()


def test_what_the_environment_names_is_used_and_not_started(home: Path) -> None:
    named = {"DATABASE_URL": "postgresql+psycopg://db.example/x", "REDIS_URL": "redis://r.example"}
    with Services(home, environ=named) as services:
        assert services.addresses == named
    assert list(home.iterdir()) == []


def test_nobody_without_the_password_is_let_in(home: Path) -> None:
    with Services(home, environ={}, durable=False) as services:
        assert services.postgres
        assert services.broker
        stranger = services.postgres.url("hromada").replace("+psycopg", "").split("@")[1]
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgresql://hromada@{stranger}")
        address = services.broker.url().split("@")[1]
        client = redis.Redis.from_url(f"redis://{address}")
        with client, pytest.raises(redis.AuthenticationError):
            client.ping()


def test_the_broker_forgets_and_returns_at_the_same_address(home: Path) -> None:
    broker = Broker(home)
    broker.start()
    address = broker.url()
    with redis.Redis.from_url(address) as client:
        client.set("nudge", "1")
    broker.stop()
    broker.start()
    assert broker.url() == address
    with redis.Redis.from_url(address) as client:
        assert client.get("nudge") is None
    broker.stop()


def test_data_of_another_major_version_is_refused_with_the_way_out(home: Path) -> None:
    with Services(home, environ={}, durable=False) as services:
        assert services.postgres
    version = next(home.rglob("data/PG_VERSION"))
    version.write_text("17\n")
    with pytest.raises(LocalFailure, match="make reset"):
        Services(home, environ={}).start()


def test_a_project_out_of_reach_for_the_databases_user_still_gets_its_database(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    with Services(closed / "var", environ={}, durable=False) as services:
        assert services.postgres
        with connect(services.postgres, "hromada") as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        # Root's database runs as another user, who cannot pass through; ours needs no detour.
        elsewhere = (identity.elsewhere(closed / "var") / "postgres" / "data").exists()
        assert elsewhere is (os.geteuid() == 0)
        services.postgres.stop()
        services.postgres.erase()
        assert not identity.elsewhere(closed / "var").exists()


def test_a_port_is_remembered_while_it_is_free(tmp_path: Path) -> None:
    file = tmp_path / "port"
    assert ports.remembered(file)
    file.write_text(str(chosen := ports.free()))
    assert ports.remembered(file) == chosen
    file.write_text("not a port")
    assert ports.remembered(file)

"""The database and the broker of a machine that has neither, and their addresses."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from config.local import identity
from config.local.broker import Broker
from config.local.postgres import Postgres

DATABASE = "hromada"


class Services:
    """PostgreSQL and Redis under `home`; one that the environment already names is not started.

    `addresses` holds DATABASE_URL and REDIS_URL once started.
    """

    def __init__(
        self, home: Path, *, environ: Mapping[str, str] = os.environ, durable: bool = True
    ) -> None:
        self.postgres = None if environ.get("DATABASE_URL") else Postgres(home, durable=durable)
        self.broker = None if environ.get("REDIS_URL") else Broker(home)
        self.addresses = {
            name: environ[name] for name in ("DATABASE_URL", "REDIS_URL") if environ.get(name)
        }

    def start(self) -> Self:
        """Start both and make the database; what was started is stopped if the other fails."""
        try:
            if self.postgres:
                self.postgres.start()
                self.addresses["DATABASE_URL"] = self.postgres.create_database(DATABASE)
            if self.broker:
                self.broker.start()
                self.addresses["REDIS_URL"] = self.broker.url()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop what was started, and wait until it is gone."""
        if self.broker:
            self.broker.stop()
        if self.postgres:
            self.postgres.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


@contextmanager
def scratch_home() -> Iterator[Path]:
    """Yield a temporary directory that the database's own user may pass through."""
    with tempfile.TemporaryDirectory(prefix="hromada-") as directory:
        home = Path(directory)
        if os.geteuid() == 0:
            home.chmod(0o711)
        try:
            yield home
        finally:
            shutil.rmtree(identity.elsewhere(home), ignore_errors=True)

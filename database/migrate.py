"""Brings a database to the newest schema."""

import math
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

from database.patience import within

_ONE_AT_A_TIME = 7206514  # the key of the advisory lock under which migrations run


def migrate(engine: Engine, revision: str = "head") -> None:
    """Applies the migrations up to `revision`; processes that start together wait for one another."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with within(math.inf), engine.connect() as connection:
        connection.execute(text("set statement_timeout = 0"))  # a large table takes what it takes
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": _ONE_AT_A_TIME})
        connection.commit()
        try:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(text("select pg_advisory_unlock(:key)"), {"key": _ONE_AT_A_TIME})
            connection.execute(text("reset statement_timeout"))
            connection.commit()

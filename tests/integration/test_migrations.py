"""The schema: what the migrations make is what the tables say, on a real PostgreSQL."""

import importlib
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from database.engine import check_server, metadata
from database.migrate import migrate

ROOT = Path(__file__).parent.parent.parent
_RASA_TABLES = {"rasa_events"}  # known to Rasa's environment only


def _import_all_storage() -> None:
    for path in sorted(ROOT.glob("[!.t]*/storage*.py")):
        importlib.import_module(f"{path.parent.name}.{path.stem}")


def _ours(thing: object, name: str | None, kind: str, *_: object) -> bool:
    return not (kind == "table" and name in _RASA_TABLES | {"alembic_version"})


def test_models_and_migrations_agree(engine: Engine) -> None:
    _import_all_storage()
    assert metadata.tables, "no storage module was found"
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": True, "compare_server_default": True, "include_object": _ours},
        )
        assert compare_metadata(context, metadata) == []


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    before = inspect(engine).get_table_names()
    migrate(engine)
    assert inspect(engine).get_table_names() == before


def test_every_row_of_a_business_carries_its_account(engine: Engine) -> None:
    without = [
        table
        for table in inspect(engine).get_table_names()
        if table != "alembic_version" and "account_id" not in {c["name"] for c in inspect(engine).get_columns(table)}
    ]
    assert without == []


def test_a_lock_is_not_waited_for_without_end(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.execute(text("show lock_timeout")).scalar_one() == "10s"
        assert connection.execute(text("show transaction_isolation")).scalar_one() == "read committed"
    assert check_server(engine) >= 14

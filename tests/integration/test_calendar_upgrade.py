"""What was booked before visits had parts and places is guarded after the upgrade as before."""

from datetime import datetime, timedelta

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from database.migrate import migrate
from tests.conftest import ROOT

_BOOK = text("""
    with booked as (
        insert into appointments
            (service, starts_at, ends_at, status, code, conversation_id, created_at, updated_at)
        values ('oil_change', :start, :end, 'confirmed', :code, :code, now(), now()) returning id)
    insert into occupancies (appointment_id, blocking, resource_id, kind, during)
    select id, true, 1, 'visit', tstzrange(:start, :end) from booked
""")
TEN = datetime.fromisoformat("2026-12-03T10:00-06:00")


def book(engine: Engine, code: str, start: datetime) -> None:
    with engine.begin() as connection:
        connection.execute(_BOOK, {"start": start, "end": start + timedelta(minutes=30), "code": code})


def revert(engine: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "database" / "migrations"))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
        connection.commit()


def test_an_upgrade_keeps_what_is_booked_and_its_guard_and_so_does_the_way_back(engine: Engine) -> None:
    revert(engine, "0008")
    with engine.begin() as connection:
        connection.execute(text("insert into resources (key) values ('bay_1')"))
    book(engine, "A", TEN)
    migrate(engine)
    book(engine, "B", TEN + timedelta(minutes=30))
    with engine.connect() as connection:
        seats = connection.execute(text("select seat, part from occupancies order by id")).all()
    assert list(map(tuple, seats)) == [(None, 1), (None, 1)]
    for start in (TEN, TEN + timedelta(minutes=45)):
        with pytest.raises(IntegrityError, match="ex_occupancies_no_overlap"):
            book(engine, "C", start)
    revert(engine, "0008")
    with pytest.raises(IntegrityError, match="ex_occupancies_no_overlap"):
        book(engine, "C", TEN)

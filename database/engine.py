"""The engine through which every room reaches PostgreSQL, and the metadata its tables register in."""

import time
from collections.abc import Callable
from typing import Any

import psycopg2
from sqlalchemy import Engine, ExceptionContext, MetaData, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from database.patience import be_impatient

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table of every room; a test compares it with what the migrations make."""

OLDEST_SERVER = 14
_READ_ONLY = "25006"  # SQLSTATE read_only_sql_transaction
_FRESH = 1.0  # seconds since its last use in which a connection need not prove that it lives: a proof is a round trip
_DEAD_PEER = {  # seconds, the last in milliseconds: a peer that vanished without a word is noticed in about 20 s
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


class DatabaseTooOldError(Exception):
    """The server in DATABASE_URL is older than PostgreSQL 14. Name a newer one, or unset it for the embedded one."""

    code = "database_too_old"


def connect(url: str, *, pool_size: int = 10, lock_seconds: int = 10) -> Engine:
    """An engine for `url` (`postgresql://…`), isolation READ COMMITTED, that notices dead idle connections before use.

    Waits at most 3 s to log in, 3 s for a connection of the pool, `lock_seconds` for a lock and 15 s for a statement;
    `patience` says how long for a server that is silent. So a fault is an error and never a hang.
    """
    address = make_url(url.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg2")
    be_impatient()
    limits = {"lock_timeout": lock_seconds, "statement_timeout": 15, "idle_in_transaction_session_timeout": 60}
    options = " ".join(f"-c {name}={seconds}s" for name, seconds in limits.items())
    engine = create_engine(
        address,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=3,
        isolation_level="READ COMMITTED",
        hide_parameters=True,  # an error must not carry a customer's words into the log
        connect_args={"options": f"{options} -c timezone=UTC", "application_name": "frontdesk", **_DEAD_PEER},
    )
    event.listen(engine, "handle_error", _leave_what_cannot_write)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _prover(engine))
    return engine


def _note_use(_: Any, entry: ConnectionPoolEntry) -> None:
    entry.info["used_at"] = time.monotonic()


def _prover(engine: Engine) -> Callable[[Any, ConnectionPoolEntry, Any], None]:
    """Has a connection that lay idle answer before it is handed out; the pool replaces one that does not."""

    def prove(connection: Any, entry: ConnectionPoolEntry, _: Any) -> None:
        used_at = entry.info.get("used_at")
        if used_at is None or time.monotonic() - used_at < _FRESH:
            return
        try:
            engine.dialect.do_ping(connection)
        except psycopg2.Error as error:
            raise InvalidatePoolError from error

    return prove


def _leave_what_cannot_write(context: ExceptionContext) -> None:
    """A server that became read-only, as after a failover, is left for another one with all connections of the pool."""
    if getattr(context.original_exception, "pgcode", None) == _READ_ONLY:
        context.is_disconnect = True


def check_server(engine: Engine) -> int:
    """The server's major version. Raises `DatabaseTooOldError` below 14."""
    with engine.connect() as connection:
        number = int(connection.execute(text("show server_version_num")).scalar_one())
    if number // 10000 < OLDEST_SERVER:
        raise DatabaseTooOldError(f"{DatabaseTooOldError.__doc__} It says it is {number // 10000}.")
    return number // 10000

"""The engine through which every room reaches PostgreSQL, and the metadata its tables register in."""

from sqlalchemy import Engine, MetaData, create_engine, text
from sqlalchemy.engine import make_url

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


class DatabaseTooOldError(Exception):
    """The server in DATABASE_URL is older than PostgreSQL 14. Name a newer one, or unset it for the embedded one."""

    code = "database_too_old"


def connect(url: str, *, pool_size: int = 10) -> Engine:
    """An engine for `url` (`postgresql://…`), isolation READ COMMITTED, that notices dead connections before use.

    Waits at most 5 s for a connection and 10 s for a lock, so that a fault is an error and never a hang.
    """
    address = make_url(url.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg2")
    return create_engine(
        address,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=5,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        connect_args={
            "connect_timeout": 5,
            "options": "-c lock_timeout=10s -c timezone=UTC",
            "application_name": "frontdesk",
        },
    )


def check_server(engine: Engine) -> int:
    """The server's major version. Raises `DatabaseTooOldError` below 14."""
    with engine.connect() as connection:
        number = int(connection.execute(text("show server_version_num")).scalar_one())
    if number // 10000 < OLDEST_SERVER:
        raise DatabaseTooOldError(f"{DatabaseTooOldError.__doc__} It says it is {number // 10000}.")
    return number // 10000

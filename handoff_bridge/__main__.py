"""`python -m handoff_bridge`: one bridge process, its web side and its workers.

SIGTERM and SIGINT end it within 20 s: no new connections, sockets are told to come back (1001), turns under way end.
"""

import asyncio
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import structlog
import uvloop
from argon2 import PasswordHasher

from business.clock import clock_from
from business.errors import BusinessInvalidError
from business.logs import log_as_json
from business.reader import read_business
from business.settings import SettingInvalidError
from database.engine import connect
from handoff_bridge.diary import CalendarDiary
from handoff_bridge.process import running
from handoff_bridge.services import Services, join
from handoff_bridge.settings import Settings, read_settings
from handoff_bridge.storage import PostgresStore
from handoff_bridge.storage_mailroom import join_mailroom
from notifications.errors import MailServerInvalidError
from notifications.smtp import read_server
from scheduling.service import Calendar
from scheduling.storage import PostgresStore as CalendarStore
from scheduling.storage_book import PostgresBook

_CONNECTIONS = 20  # kept open to the database; as many again under load
_LOCK_SECONDS = 4  # below what the store gives a whole transaction, so that a held lock is told from a silent server
_WEB_THREADS = 16

log = structlog.get_logger(__name__)


def main() -> None:
    log_as_json()
    try:
        settings = read_settings(os.environ)
        business = read_business(settings.business_file)
        clock = clock_from(settings.now)
        mail_server = read_server(settings.smtp_url) if settings.smtp_url else None
    except (SettingInvalidError, BusinessInvalidError, MailServerInvalidError, ValueError) as error:
        sys.exit(str(error))
    engine = connect(settings.database_url, pool_size=_CONNECTIONS, lock_seconds=_LOCK_SECONDS)
    mailroom = join_mailroom(
        engine, business, clock, server=mail_server, public_url=settings.public_url, secret=settings.secret
    )
    calendar = Calendar(business, CalendarStore(engine), clock)
    services = join(
        settings,
        business,
        clock,
        PostgresStore(engine),
        diary=CalendarDiary(calendar, business),
        book=PostgresBook(engine),
        calendar=calendar,
        mailroom=mailroom,
        hasher=PasswordHasher(),
    )
    try:
        uvloop.run(_run(settings, services))
    except OSError as error:
        sys.exit(f"BRIDGE_HOST {settings.host}, BRIDGE_PORT {settings.port}: {error.strerror}; name another port.")
    finally:
        engine.dispose()


async def _run(settings: Settings, services: Services) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(_WEB_THREADS, thread_name_prefix="web"))
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with running(services, settings.host, settings.port) as port:
        log.info("The bridge is up.", action="start", host=settings.host, port=port)
        await stopping.wait()
        log.info("The bridge is ending.", action="stop")


if __name__ == "__main__":
    main()

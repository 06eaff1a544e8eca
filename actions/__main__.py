"""`python -m actions`: the action server, on the loopback only: whoever reaches it can do what a customer can."""

import asyncio
import os
import sys

from actions.bridge import Bridge
from actions.context import Context
from actions.server import serve_until_stopped
from actions.settings import Settings, read_settings
from business.clock import clock_from
from business.errors import BusinessInvalidError
from business.logs import log_as_json
from business.reader import read_business
from business.settings import SettingInvalidError
from database.engine import connect
from scheduling.service import Calendar
from scheduling.storage import PostgresStore


def main() -> None:
    log_as_json()
    try:
        settings = read_settings(os.environ)
        _run(settings)
    except (SettingInvalidError, BusinessInvalidError, ValueError) as error:
        sys.exit(str(error))


def _run(settings: Settings) -> None:
    business = read_business(settings.business_file)
    clock = clock_from(settings.now)
    engine = connect(settings.database_url)
    calendar = Calendar(business, PostgresStore(engine), clock)
    context = Context(business, calendar, Bridge(settings.bridge_url, settings.secret), clock)
    try:
        asyncio.run(serve_until_stopped(context, settings.host, settings.port))
    except OSError as error:
        sys.exit(f"ACTIONS_PORT is {settings.port}: {error.strerror}; name another port.")
    finally:
        engine.dispose()


if __name__ == "__main__":
    main()

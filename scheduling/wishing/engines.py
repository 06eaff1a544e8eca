"""Which engine this installation has. Nothing is loaded before the first wish is read."""

from functools import lru_cache
from importlib.util import find_spec

import structlog

from scheduling.wishing.dateparser_engine import DateparserEngine
from scheduling.wishing.duckling_engine import DucklingEngine
from scheduling.wishing.engine import Engine

log = structlog.get_logger(__name__)


@lru_cache(maxsize=1)
def default_engine() -> Engine:
    """Duckling where its wheel exists; elsewhere dateparser, which understands fewer dates, after a warning."""
    if find_spec("duckling"):
        return DucklingEngine()
    log.warning("Duckling has no wheel for this platform; fewer dates are understood", action="wish_engine_fallback")
    return DateparserEngine()

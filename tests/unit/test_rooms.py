"""Who may import whom: the arrows of the design, read off the imports themselves."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
ALLOWED: dict[str, set[str]] = {
    "business": set(),
    "database": {"business"},
    "scheduling": {"business", "database"},
    "notifications": {"business", "database"},
    "handoff_bridge": {"business", "database", "scheduling", "notifications"},
    "actions": {"scheduling", "business", "database"},
    "addons": set(),
}
ROOMS = set(ALLOWED) | {"deploy", "bench", "tests"}


def modules(room: str) -> list[Path]:
    return sorted(path for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts)


def imports(path: Path) -> Iterator[str]:
    """The full names of the modules that the file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the room"
            yield node.module or ""


def of_room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


@pytest.mark.parametrize("room", sorted(ALLOWED))
def test_a_room_imports_only_the_rooms_it_may(room: str) -> None:
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(room)
        for name in imports(path)
        if (first := name.split(".")[0]) in ROOMS and first != room and first not in ALLOWED[room]
    }
    assert not wrong


def _importers(library: str) -> list[Path]:
    return [
        path for room in ALLOWED for path in modules(room) if any(n.split(".")[0] == library for n in imports(path))
    ]


def test_only_storage_modules_and_the_database_room_import_sqlalchemy() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for path in _importers("sqlalchemy")
        if not (of_room(path) in ("database", "addons") or path.stem.startswith("storage"))
    ]
    assert not wrong


def test_only_web_modules_import_sanic() -> None:
    servers = ("handoff_bridge/web/", "addons/", "actions/server")
    wrong = [name for path in _importers("sanic") if not (name := str(path.relative_to(ROOT))).startswith(servers)]
    assert not wrong


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for room in ALLOWED
        for path in modules(room)
        if path.read_text(encoding="utf-8").strip() and ast.get_docstring(ast.parse(path.read_text())) is None
    ]
    assert not silent


def test_importing_the_rooms_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a module opens a socket when it is imported")

    monkeypatch.setattr("socket.socket.connect", refuse)
    for room in sorted(set(ALLOWED) - {"addons"}):
        for path in modules(room):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            if not name.endswith("__main__") and name not in sys.modules:
                __import__(name)

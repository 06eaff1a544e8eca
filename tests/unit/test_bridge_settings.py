"""The settings of a bridge process."""

import pytest

from business.settings import SettingInvalidError
from handoff_bridge.settings import read_settings

NEEDED = {"DATABASE_URL": "postgresql://localhost/frontdesk", "FRONTDESK_SECRET": "s" * 32}


def test_what_is_unset_has_its_default() -> None:
    settings = read_settings(NEEDED)
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8080, "http://127.0.0.1:8080")
    assert (settings.rasa_urls, settings.actions_url) == (("http://127.0.0.1:5005",), "http://127.0.0.1:5055")


def test_what_is_set_holds() -> None:
    settings = read_settings(
        {
            **NEEDED,
            "BRIDGE_PORT": "9000",
            "RASA_URLS": "http://a:1/, http://b:2",
            "ACTIONS_PORT": "77",
            "PUBLIC_URL": "https://chat.example.com/",
        }
    )
    assert settings.rasa_urls == ("http://a:1", "http://b:2")
    assert (settings.port, settings.actions_url) == (9000, "http://127.0.0.1:77")
    assert settings.public_url == "https://chat.example.com"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", ""),
        ("FRONTDESK_SECRET", "short"),
        ("FRONTDESK_SECRET", ""),
        ("BRIDGE_PORT", "http"),
        ("BRIDGE_PORT", "70000"),
        ("RASA_PORT", "-1"),
        ("RASA_URLS", "localhost:5005"),
        ("PUBLIC_URL", "chat.example.com"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingInvalidError, match=name):
        read_settings({**NEEDED, name: value})


def test_a_secret_is_never_shown() -> None:
    with pytest.raises(SettingInvalidError) as error:
        read_settings({**NEEDED, "FRONTDESK_SECRET": "hunter2"})
    assert "hunter2" not in str(error.value)

"""Which Rasa a conversation has."""

from collections import Counter
from dataclasses import replace

from handoff_bridge.assistant import RasaAssistant
from handoff_bridge.model import State
from handoff_bridge.shards import Shards
from tests.unit.test_conversation_moves import conversation

URLS = ("http://a:1", "http://b:2", "http://c:3")


def homes(urls: tuple[str, ...]) -> list[str]:
    shards = Shards([RasaAssistant(url, "secret") for url in urls])
    some = conversation(State.WITH_ASSISTANT)
    return [shards.home(replace(some, id=f"c{number}")).url for number in range(300)]


def test_conversations_are_spread_over_all() -> None:
    assert all(share > 60 for share in Counter(homes(URLS)).values())


def test_the_order_of_the_addresses_does_not_matter() -> None:
    assert homes(URLS) == homes(URLS[::-1])


def test_when_one_goes_only_its_own_conversations_move() -> None:
    before, after = homes(URLS), homes(URLS[:2])
    assert all(was == now for was, now in zip(before, after, strict=True) if was != URLS[2])

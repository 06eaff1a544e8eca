"""What Rasa is told of a move."""

from handoff_bridge import echoes


def test_a_fresh_session_carries_the_facts_and_nothing_of_the_old_dialogue() -> None:
    facts = {"service": "oil_change", "email": None, "requested_slot": "wish", "offered": ["x"], "wish": {"day": 1}}
    assert echoes.fresh_session(facts) == [
        {"event": "action", "name": "action_session_start"},
        {"event": "session_started"},
        {"event": "slot", "name": "service", "value": "oil_change"},
        {"event": "slot", "name": "wish", "value": {"day": 1}},
        {"event": "action", "name": "action_listen"},
    ]


def test_of_a_customer_who_comes_back_only_the_contact_data_hold() -> None:
    facts = {"customer_name": "Kim", "service": "oil_change", "phone": "+15125550100"}
    assert echoes.contact_facts(facts) == {"customer_name": "Kim", "phone": "+15125550100"}


def test_a_pause_is_followed_by_a_listen() -> None:
    assert [event["event"] for event in echoes.pause()] == ["pause", "action"]

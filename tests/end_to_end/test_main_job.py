"""The main job through public doors: a customer books, comes back, changes, cancels, and reaches a person."""

from tests.desk import CODE, Agent, Customer, until


def booked(customer: Customer, name: str = "Dana Whitfield") -> str:
    """Books an oil change on Friday from first word to confirmation code; gives the code."""
    customer.say("Hi there")
    customer.say("I need an oil change on Friday morning")
    customer.say("the second one")
    customer.say(name)
    read_back = customer.say("dana@example.org")
    assert "oil change" in read_back.lower()
    assert "Friday" in read_back
    assert "December 4" in read_back
    confirmation = CODE.search(customer.press("yes"))
    assert confirmation
    return confirmation.group()


def test_a_booking_from_first_word_to_code_is_found_moved_and_cancelled(customer: Customer) -> None:
    code = booked(customer)

    assert "Friday" in customer.say(f"when is my appointment {code}?")

    customer.say(f"can I move my appointment {code}")
    customer.say("Saturday morning")
    customer.say("1")
    assert "Saturday" in customer.press("yes")
    assert "Saturday" in customer.say(f"look up {code} please")

    customer.say(f"I have to cancel {code}")
    customer.press("yes")
    assert "Saturday" not in customer.say(f"look up {code} please")


def test_another_customer_finds_an_appointment_by_its_code(customer: Customer, desk: object) -> None:
    code = booked(customer)
    other = Customer(customer.url)
    assert "Friday" in other.say(f"look up my appointment, the code is {code.replace('-', ' ').lower()}")


def test_a_handoff_in_the_middle_of_a_booking_loses_nothing(customer: Customer, sam: Agent, jo: Agent) -> None:
    customer.say("I'd like to book a test drive on Thursday afternoon")
    customer.say("the first one")
    customer.say("Robin Vale")
    customer.say("actually, can I talk to a real person?")
    mine = customer.conversation_id
    until(lambda: mine in sam.queue("waiting"), "the conversation to wait")

    seen = sam.open(mine)
    assert next(m["text"] for m in seen["messages"] if m["author"] == "customer").startswith("I'd like to book")
    facts = {fact["name"]: str(fact["value"]) for fact in seen["facts"]}
    assert "Robin Vale" in facts.values()
    assert any("test" in value for value in facts.values())

    assert sam.move(mine, "accept").status_code == 200
    assert jo.reply(mine, "I am here too").status_code == 409
    said_before = customer.said_by("assistant")
    assert sam.reply(mine, "Hello Robin, Sam here. What can I do?").status_code == 201
    customer.send("Does the car have a tow bar? And book me an oil change tomorrow")
    customer.send("/restart")
    until(lambda: "Hello Robin, Sam here. What can I do?" in customer.said_by("agent"), "Sam's words")
    until(lambda: "/restart" in [m["text"] for m in sam.open(mine)["messages"]], "the customer's words at Sam's")

    assert sam.move(mine, "return").status_code == 200
    assert customer.said_by("assistant") == said_before, "the assistant spoke while Sam had the conversation"
    until(lambda: customer.status()["state"] == "with_assistant", "the return")

    customer.say("yes, let's go on with the booking")
    read_back = customer.say("robin@example.org")
    assert "Robin Vale" in read_back
    assert "test drive on thursday" in read_back.casefold()
    assert CODE.search(customer.press("yes")), "what was known before is not asked again"


def test_an_agent_can_step_in_unasked_and_the_assistant_is_silent(customer: Customer, sam: Agent) -> None:
    customer.say("what can you do?")
    mine = customer.conversation_id
    assert mine in sam.queue("with_assistant")
    assert sam.reply(mine, "Hi, I was just passing by.").status_code == 201
    assert sam.open(mine)["conversation"]["state"] == "with_agent"
    said_before = customer.said_by("assistant")
    customer.send("what are your opening hours?")
    until(lambda: len([m for m in sam.open(mine)["messages"] if m["author"] == "customer"]) == 2, "the question")
    assert sam.move(mine, "resolve").status_code == 200
    assert customer.said_by("assistant") == said_before
    assert customer.say("what are your opening hours?"), "a new word opens the conversation again"


def test_a_customer_in_line_may_change_their_mind(customer: Customer, sam: Agent) -> None:
    customer.say("let me speak to someone in sales")
    until(lambda: customer.conversation_id in sam.queue("waiting"), "the conversation to wait")
    customer.say("never mind")
    until(lambda: customer.conversation_id not in sam.queue("waiting"), "the conversation to leave the line")
    assert sam.open(customer.conversation_id)["conversation"]["state"] == "with_assistant"

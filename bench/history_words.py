"""What the customers of the history check say: short talks, each with a weight. The check itself reads no wording."""

PRESS = "(a button)"
"""Stands for the button that was shown last, or for a yes where there is none."""

SCRIPTS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("Hello!",), 6),
    (("Hi there", PRESS), 5),
    (("what are your opening hours?",), 6),
    (("are you open on Sunday?", "thanks"), 4),
    (("Where are you?", "ok thank you"), 4),
    (("what can you do for me", PRESS), 4),
    (("hi", "quick question", "do you fix", "dents?"), 5),
    (("I was wondering", "if you are open on", "Saturday morning"), 4),
    (("my car makes a strange noise", "mostly when I brake", "is that dangerous?"), 3),
    (("I need an oil change", "Friday morning", "the first one", "Robin Vale", "robin@example.org", PRESS), 6),
    (("I'd like to book a test drive tomorrow afternoon", "1", "Dana Whitfield", "stop"), 4),
    (("book a service visit", "as soon as possible", "never mind"), 4),
    (("can I move my appointment?", "I don't have the code", PRESS), 2),
    (("I want to cancel my appointment", "actually no"), 2),
    (("Can I talk to a person?", "it is about my last bill", "are you there?"), 4),
    (("let me speak to someone in service", "my car is still with you", "when is it ready?"), 3),
    (("talk to a human", "never mind"), 2),
    (("let me speak to someone in sales", "I am waiting"), 2),
    (("This is ridiculous, nobody called me back", PRESS, "hello?"), 2),
    (("how much is the fish", "tell me a joke", PRESS), 2),
    (("👍",), 2),
    (("ok",), 4),
    (("/restart", "Grüße aus Köln – schöne Autos habt ihr!"), 1),
    (("I would like to sell my old car, it is from 2009 and has a scratch on the left door. " * 4, "?"), 1),
)

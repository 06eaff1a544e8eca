"""English words of dates and times, as pieces of regular expressions."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAY = rf"(?:{'|'.join(WEEKDAYS)})"

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
SHORT_MONTHS = ("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sept", "sep", "oct", "nov", "dec")
MONTH = rf"(?:{'|'.join((*MONTHS, *SHORT_MONTHS))})"

UNITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
NUMBER_WORDS = {word: number for number, word in enumerate(UNITS)}
HOUR_WORD = rf"(?:{'|'.join(UNITS[1:])})"
COUNT = rf"(?:an?|a\s+couple(?:\s+of)?|a\s+few|\d{{1,2}}|{HOUR_WORD})"

MINUTE_WORDS = {
    "o five": 5, "oh five": 5, "five": 5, "ten": 10, "fifteen": 15, "quarter": 15, "twenty": 20, "twenty five": 25,
    "half": 30, "thirty": 30, "thirty five": 35, "forty": 40, "forty five": 45, "fifty": 50, "fifty five": 55,
}  # fmt: skip

ORDINAL = r"\d{1,2}(?:st|nd|rd|th)"
_FIRST_NINE = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_ORDINALS = (
    *_FIRST_NINE, "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth",
    "eighteenth", "nineteenth", "twentieth", *(f"twenty {day}" for day in _FIRST_NINE), "thirtieth", "thirty first",
)  # fmt: skip
SPELLED_DAYS = {word: day for day, word in enumerate(_ORDINALS, start=1)}
SPELLED_ORDINAL = "|".join(word.replace(" ", r"[\s-]") for word in reversed(_ORDINALS))

HOLIDAY = (
    r"christmas|xmas|thanksgiving|new\s+year'?s?|easter|halloween|valentine'?s|black\s+friday|good\s+friday"
    r"|(?:labou?r|memorial|independence|presidents'?|veterans'?|columbus|mother'?s|father'?s|boxing)\s+day"
)

DATE_WORD = (
    rf"\b(?:{WEEKDAY}s?|{MONTH}|today|tomorrow|days?|weeks?|weekends?|months?|fortnight|{ORDINAL}|{HOLIDAY})\b"
    r"|\d{1,4}[/-]\d{1,2}"
)
"""Without one of these there is no date in a text."""

COSTLY_WORD = rf"{DATE_WORD}|\d+|\b(?:{HOUR_WORD}|{SPELLED_ORDINAL})\b|\b[ap]m\b"
"""What the engine's cost grows with."""

FILLER = (
    r"a|about|and|around|at|best|book|by|can|could|do|doable|either|fine|for|good|great|guess|half|hmm|how|i|i'd|i'll|is|it"
    r"|just|let's|lets|like|make|maybe|me|my|no|ok|okay|or|ours|perfect|perhaps|please|prefer|preferably|probably|say"
    r"|should|sounds|suits|sure|take|thank|thanks|that|that's|the|then|think|time|to|uh|um|want|we|well|what|will|with"
    r"|work|works|would|yeah|yep|yes|you|be|on|date|day"
)
"""Words around a bare number in an answer to a question: "3 would be fine"."""

"""What is decided in a form: a turn in, an outcome out. Synchronous, without Rasa; the calendar is the only effect."""

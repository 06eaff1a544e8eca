"""When the assistant gives way to a person: what is looked at in each message, and what follows."""

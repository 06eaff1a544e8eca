"""Rasa's custom actions: they hear a message, call the calendar or the bridge, and name what is to be said."""

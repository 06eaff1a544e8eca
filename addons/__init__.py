"""What the Rasa server loads by name: our channel, tracker store and lock store (Python 3.10)."""

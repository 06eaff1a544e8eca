"""What reaches people outside the chat."""

"""The only process customers and agents reach: it owns the conversation and decides who speaks."""

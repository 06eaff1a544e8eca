"""Reading wishes for a date and time out of what customers write. The public door is `scheduling.wishes`."""

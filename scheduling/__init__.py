"""The calendar: openings, holds, appointments, and dates as people say them. Knows nothing of Rasa, chat or HTTP."""

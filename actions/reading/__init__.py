"""Readers of single facts in a customer's words. Pure; wording that is heard stands here, none that is said."""

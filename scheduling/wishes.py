"""When would the customer like to come? The public door to reading, merging and matching wishes."""

from scheduling.wishing.model import Exclusion, Open, Part, Wish
from scheduling.wishing.reader import Expect, read_wish

__all__ = ["Exclusion", "Expect", "Open", "Part", "Wish", "read_wish"]

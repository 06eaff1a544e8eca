"""`python -m handoff_bridge.seed`: makes the agents that business.yml names and that do not exist yet.

Prints the new logins as a JSON list of {name, email, password}; a password is shown this once and stored as a hash.
"""

import json
import os
import secrets
import sys
from pathlib import Path

from argon2 import PasswordHasher

from business.clock import Clock, clock_from
from business.model import Business
from business.reader import read_business
from database.engine import connect
from handoff_bridge.people import Agent, Availability, Role
from handoff_bridge.ports import Store
from handoff_bridge.storage import PostgresStore


def seed(store: Store, business: Business, clock: Clock, hasher: PasswordHasher) -> list[dict[str, str]]:
    """The logins of the agents that were new."""
    with store.begin() as t:
        known = {agent.email for agent in t.agents.all()}
    new = []
    for named in business.agents:
        email = str(named.email).lower()
        if email in known:
            continue
        agent = Agent(
            id=0,
            account_id=1,
            name=named.name,
            email=email,
            role=Role(named.role),
            departments=tuple(named.departments),
            availability=Availability.ONLINE,
            capacity=named.capacity,
            last_seen_at=None,
            skills=tuple(named.skills),
            languages=tuple(named.languages),
        )
        password = secrets.token_urlsafe(9)
        new.append((agent, password, hasher.hash(password)))  # slow on purpose, and a transaction has little time
    with store.begin() as t:
        return [
            {"name": agent.name, "email": agent.email, "password": password}
            for agent, password, password_hash in new
            if t.agents.add(agent, password_hash, clock())
        ]


def main() -> None:
    if not os.environ.get("DATABASE_URL"):
        sys.exit("DATABASE_URL is not set; name the database, or use `make run`.")
    engine = connect(os.environ["DATABASE_URL"])
    business = read_business(Path(os.environ.get("BUSINESS_FILE") or "business.yml"))
    clock = clock_from(os.environ.get("FRONTDESK_NOW"))
    sys.stdout.write(json.dumps(seed(PostgresStore(engine), business, clock, PasswordHasher())) + "\n")
    engine.dispose()


if __name__ == "__main__":
    main()

"""How long customers wait for how many agents: Erlang's formula for a line in front of several servers (M/M/c).

Requests come at random, nobody gives up, and every conversation takes `seconds` on average. Load is in erlangs: the
number of conversations that are held at once on average. A line that is given more than it can do grows without end.
"""

import math


def load(requests_per_hour: float, seconds: float) -> float:
    return requests_per_hour * seconds / 3600


def wait_probability(servers: int, requests_per_hour: float, seconds: float) -> float:
    """How likely it is that somebody who asks must wait (Erlang C), from 0 to 1."""
    offered = load(requests_per_hour, seconds)
    if offered >= servers:
        return 1.0
    blocked = 1.0  # Erlang B by its recursion, which no number of servers makes overflow
    for server in range(1, servers + 1):
        blocked = offered * blocked / (server + offered * blocked)
    return servers * blocked / (servers - offered * (1 - blocked))


def mean_wait(servers: int, requests_per_hour: float, seconds: float) -> float:
    """Seconds that somebody who asks waits on average; infinite for a line that grows without end."""
    offered = load(requests_per_hour, seconds)
    if offered >= servers:
        return math.inf
    return wait_probability(servers, requests_per_hour, seconds) * seconds / (servers - offered)


def share_within(limit: float, servers: int, requests_per_hour: float, seconds: float) -> float:
    """The share of requests that wait for `limit` seconds at most, from 0 to 1."""
    offered = load(requests_per_hour, seconds)
    if offered >= servers:
        return 0.0
    waiting = wait_probability(servers, requests_per_hour, seconds)
    return 1 - waiting * math.exp(-(servers - offered) * limit / seconds)


def servers_needed(requests_per_hour: float, seconds: float, *, share: float, within: float) -> int:
    """The fewest servers with which `share` of the requests wait for `within` seconds at most; 0 without requests."""
    if requests_per_hour <= 0:
        return 0
    servers = math.floor(load(requests_per_hour, seconds)) + 1
    while share_within(within, servers, requests_per_hour, seconds) < share:
        servers += 1
    return servers

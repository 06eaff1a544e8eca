"""Waits until the front desk is ready and says where it is."""

import json
import signal
import time

import requests

from deploy.terminal import say

_LIMIT = 180.0  # seconds


def announce(bridge_url: str, public_url: str, logins: list[dict[str, str]], log: str) -> None:
    """Shows what is still starting, then the addresses and logins; after three minutes, what is missing."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    began = time.monotonic()
    shown = ""
    while time.monotonic() - began < _LIMIT:
        waiting_for = not_ready(bridge_url)
        if not waiting_for:
            _welcome(public_url, logins, log, time.monotonic() - began)
            return
        if waiting_for != shown:
            say(f"… waiting for {waiting_for} ({time.monotonic() - began:.0f} s)")
            shown = waiting_for
        time.sleep(0.3)
    say(f"✗ Still waiting for {shown} after {_LIMIT:.0f} s. Look into {log}")


def not_ready(bridge_url: str) -> str:
    """The parts that `/ready` does not call ready, as words; empty when all are."""
    try:
        answer = requests.get(f"{bridge_url}/ready", timeout=5).json()
    except (requests.RequestException, json.JSONDecodeError):
        return "the bridge"
    parts = {"database": answer.get("database"), "actions": answer.get("actions")}
    parts |= {f"Rasa at {part['url']}": part for part in answer.get("rasa", [])}
    return " and ".join(name for name, part in parts.items() if (part or {}).get("state") != "up")


def _welcome(public_url: str, logins: list[dict[str, str]], log: str, seconds: float) -> None:
    say(f"✓ ready ({seconds:.1f} s)\n")
    say(f"  The website   {public_url}/")
    say(f"  The inbox     {public_url}/inbox/")
    for login in logins:
        say(f"    {login['email']:40} {login['password']}")
    say(f"\n  The log is {log}\n  Ctrl-C stops everything.")

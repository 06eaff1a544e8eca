"""`make shell`: talks to the running front desk in the terminal, through the same door as the website.

A number chooses a button. Ctrl-D ends.
"""

import contextlib
import json
import os
import sys
import threading
import uuid
from typing import Any

import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from deploy.settings import SettingsError, read_settings
from deploy.terminal import fail, say


class Visitor:
    """A customer at the terminal: one conversation, messages over REST, answers over the socket."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._visitor_id = uuid.uuid4().hex
        self._token = ""
        self._buttons: list[dict[str, str]] = []

    def greet(self) -> None:
        config = requests.get(f"{self._base_url}/channels/website/config", timeout=10).json()
        say(f"{config['greeting']}\n")

    def say(self, text: str) -> None:
        """Sends `text`, or the button of that number. Prints the error if the bridge refuses it."""
        body = {"visitor_id": self._visitor_id, "message_id": uuid.uuid4().hex, "text": text}
        if text.isdecimal() and 0 < int(text) <= len(self._buttons):
            button = self._buttons[int(text) - 1]
            body |= {"text": button["title"], "button": button["id"]}
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        answer = requests.post(f"{self._base_url}/channels/website/messages", json=body, headers=headers, timeout=10)
        content = answer.json()
        if not answer.ok:
            say(f"  ({content['error']['message']})")
        elif not self._token:
            self._token = content["visitor_token"]
            threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        address = self._base_url.replace("http", "ws", 1)
        with (
            contextlib.suppress(ConnectionClosed),
            connect(f"{address}/channels/website/socket?visitor_id={self._visitor_id}") as socket,
        ):
            self._follow(socket)
        say("\nThe front desk has closed the connection.")
        os._exit(1)  # the main thread waits in input(), which nothing else interrupts

    def _follow(self, socket: Connection) -> None:
        socket.send(json.dumps({"type": "hello", "token": self._token, "after": 0}))
        for frame in socket:
            content = json.loads(frame)
            if content["type"] == "message" and content["message"]["author"] != "customer":
                self._show(content["message"])

    def _show(self, message: dict[str, Any]) -> None:
        name = message["name"] or message["author"]
        sys.stdout.write(f"\r{name}: {message['text']}\n")
        self._buttons = message["buttons"]
        for number, button in enumerate(self._buttons, start=1):
            sys.stdout.write(f"   [{number}] {button['title']}\n")
        sys.stdout.write("> ")
        sys.stdout.flush()


def main() -> None:
    try:
        visitor = Visitor(read_settings().bridge_url)
        visitor.greet()
    except (SettingsError, requests.RequestException) as error:
        fail(f"The front desk does not answer; start it with `make run` first. ({error})")
    with contextlib.suppress(EOFError, KeyboardInterrupt):
        while True:
            text = input("> ").strip()
            if text:
                visitor.say(text)


if __name__ == "__main__":
    main()

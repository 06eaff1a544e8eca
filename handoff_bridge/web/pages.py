"""The static pages and the headers that keep them apart from everything else."""

from pathlib import Path
from urllib.parse import urlsplit

from sanic import Request
from sanic.response import BaseHTTPResponse

from handoff_bridge.web.plumbing import App

PAGES = Path(__file__).parent.parent / "pages"
_FOLDERS = (
    ("/website/", "website"),
    ("/widget/", "widget"),
    ("/inbox/assets/", "inbox"),
    ("/shared/", "shared"),
    ("/vendor/", "vendor"),
)


def serve_pages(app: App, public_url: str) -> None:
    """Serves the website's demo page, the widget and the inbox, and guards every answer with headers."""
    app.static("/", PAGES / "website" / "index.html", name="front")
    app.static("/inbox/", PAGES / "inbox" / "index.html", name="inbox_page", strict_slashes=False)
    for address, folder in _FOLDERS:
        app.static(address, PAGES / folder, name=f"pages_{folder}", index="index.html")
    policy = _policy(public_url)

    async def guard(request: Request, response: BaseHTTPResponse) -> None:
        framed_by = "*" if request.path.startswith("/widget/") else "'self'"
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        response.headers.setdefault("Content-Security-Policy", f"{policy}; frame-ancestors {framed_by}")
        if request.path.startswith(
            ("/inbox/api/", "/channels/", "/bridge/", "/mail/", "/appointment/", "/dev/mailbox/mails")
        ):
            response.headers.setdefault("Cache-Control", "no-store")
        else:  # asked again each time, so that an upgrade never mixes old and new modules
            response.headers["Cache-Control"] = "no-cache"

    app.register_middleware(guard, "response")


def _policy(public_url: str) -> str:
    """Nothing but our own address; sockets are named because not every browser counts them as 'self'."""
    parts = urlsplit(public_url)
    sockets = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"
    return (
        "default-src 'none'; "
        "script-src 'self'; "
        "style-src 'self'; "
        "font-src 'self'; "
        "frame-src 'self'; "
        f"connect-src 'self' {sockets}; "
        "img-src 'self' data:; "
        "base-uri 'none'; "
        "form-action 'self'"
    )

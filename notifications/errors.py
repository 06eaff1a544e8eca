"""What can go wrong with notifications. Each docstring is the message."""


class NotificationsError(Exception):
    """A notification could not be dealt with."""

    code = "notifications"

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{self.__doc__} {detail}".rstrip())


class MailServerInvalidError(NotificationsError):
    """SMTP_URL is not smtp://, starttls:// or smtps:// and [user:password@]host[:port]. With a password to another
    machine it must not be smtp://, which is not encrypted."""

    code = "mail_server_invalid"


class CannotComposeError(NotificationsError):
    """The mail could not be written: correct its template or the recipient's address."""

    code = "cannot_compose"


class LinkInvalidError(NotificationsError):
    """This link was never given out by us, or is no longer known."""

    code = "link_invalid"


class LeaseLostError(NotificationsError):
    """Another sender has taken this notification over; this one lets go of it."""

    code = "lease_lost"

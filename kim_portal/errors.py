"""What the portal says no with."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied


class Refusal(Exception):
    """Say that events stand against a step, in a sentence that its reader can act on.

    Views show it above the form with status 409 and everything typed still there;
    `kim_portal.middleware.RefusalsAsPages` answers where there is no form.
    `links` are (label, URL) pairs: where to mend what stands in the way.
    """

    def __init__(self, sentence: str, *, links: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.links = tuple(links)


class NotYours(PermissionDenied):
    """Say that a known row's step belongs to somebody else (status 403)."""

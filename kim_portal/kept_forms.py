"""What was typed into a form that could not be taken yet: who had typed it, and giving it back."""

from datetime import timedelta

from django.core import signing
from django.http import QueryDict

# Where the form that a login or a missing consent held up waits, and the hidden field that says
# whose it is.
KEPT_FORMS = "kept_forms"
SENDER = "sender"
KEPT_FOR = timedelta(hours=12)


def sender_token(user) -> str:
    """Return the value of a form's hidden field that names its reader, signed."""
    return signing.dumps(user.pk, salt=SENDER)


def keep_form(request, sender: str) -> None:
    """Keep what was typed into this page until `sender` comes back to it; the last one counts."""
    request.session[KEPT_FORMS] = {
        "path": request.path,
        "sender": sender,
        "data": request.POST.urlencode(),
    }


def kept_form(request) -> QueryDict | None:
    """Take back what the signed-in person had typed into this page; it is given back once."""
    kept = request.session.get(KEPT_FORMS)
    if kept is None:
        return None
    try:
        sender = signing.loads(kept["sender"], salt=SENDER, max_age=KEPT_FOR)
    except signing.BadSignature:
        sender = None
    is_theirs = sender == request.user.pk
    if is_theirs and kept["path"] != request.path:
        return None
    del request.session[KEPT_FORMS]
    return QueryDict(kept["data"]) if is_theirs else None

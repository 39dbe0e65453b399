"""What was typed into a form while the login expired: who had typed it, and giving it back."""

from datetime import timedelta

from django.core import signing
from django.http import QueryDict

# Where forms that a login held up wait, and the hidden field that says whose they are.
KEPT_FORMS = "kept_forms"
SENDER = "sender"
KEPT_FOR = timedelta(hours=12)


def sender_token(user) -> str:
    """Return the value of a form's hidden field that names its reader, signed."""
    return signing.dumps(user.pk, salt=SENDER)


def kept_form(request) -> QueryDict | None:
    """Take back what the signed-in person had typed into this page before the login expired."""
    kept = request.session.get(KEPT_FORMS)
    if kept is None:
        return None
    del request.session[KEPT_FORMS]
    try:
        sender = signing.loads(kept["sender"], salt=SENDER, max_age=KEPT_FOR)
    except signing.BadSignature:
        return None
    if sender != request.user.pk or kept["path"] != request.path:
        return None
    return QueryDict(kept["data"])

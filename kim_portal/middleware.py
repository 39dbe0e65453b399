"""What holds for every answer: private pages stay out of caches, refusals become pages."""

from datetime import timedelta

from django.core import signing
from django.http import QueryDict
from django.shortcuts import render

from kim_portal.errors import Refusal


class PrivatePages:
    """Keep everything that a signed-in person sees out of every cache (CON.10.A7)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class RefusalsAsPages:
    """Answer a step overtaken by events with status 409 and its sentence."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, Refusal):
            return render(request, "409.html", {"refusal": exception}, status=409)
        return None


# Where forms that a login held up wait, and the hidden field that says whose they are.
KEPT_FORMS = "kept_forms"
SENDER = "sender"
KEPT_FOR = timedelta(hours=12)


def sender_token(user) -> str:
    """Return the value of a form's hidden field that names its reader, signed."""
    return signing.dumps(user.pk, salt=SENDER)


class KeepTypedForms:
    """Keep what was typed when the login expired, until the same person has signed in again.

    The session that receives it belongs to nobody yet; the signed hidden field says to whom the
    entries are given back. Anybody else who signs in gets nothing.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if request.method != "POST" or request.user.is_authenticated:
            return
        if not getattr(view, "login_required", True) or SENDER not in request.POST:
            return
        request.session[KEPT_FORMS] = {
            "path": request.path,
            "sender": request.POST[SENDER],
            "data": request.POST.urlencode(),
        }


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

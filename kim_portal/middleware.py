"""What holds for every answer: private pages stay out of caches, refusals become pages."""

from django.shortcuts import render

from kim_portal.errors import Refusal
from kim_portal.kept_forms import SENDER, keep_form


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
        keep_form(request, request.POST[SENDER])

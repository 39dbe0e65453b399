"""What every page of a case shares: finding it through a door, and taking one step by a form."""

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import models
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from cases.access import Level, Step
from cases.forms.step import show_what_is_now
from cases.models import Case
from cases.models.consent import file_consent_is_revoked
from cases.workflow.once import once
from cases.workflow.rights import MissingConsent
from cases.workflow.steps import check
from kim_portal.errors import NotYours, Refusal
from kim_portal.kept_forms import keep_form, kept_form, sender_token


def known_case_or_404(request: HttpRequest, reference: str) -> Case:
    """Find a case of which the reader knows anything at all; `case.level` says how much.

    `case.file_revoked`: the consent to keep this file was revoked and not given again.
    """
    cases = Case.objects.known_to(request.user).for_list().filter(reference=reference)
    case = cases.annotate(file_revoked=file_consent_is_revoked("pk")).first()
    if case is None:
        raise Http404
    return case


def file_or_403(request: HttpRequest, reference: str) -> Case:
    """Find a case whose file the reader may open: unknown is 404, known but closed to them 403."""
    case = known_case_or_404(request, reference)
    if case.level < Level.FILE:
        raise NotYours
    return case


def record_or_404(records: models.QuerySet, request: HttpRequest, case: Case, pk: int):
    """Find one record of this case through the door; any other does not exist for the reader."""
    record = records.visible_to(request.user).filter(case=case, pk=pk).first()
    if record is None:
        raise Http404
    # The step locks and changes `case`: record and page share the one instance.
    record.case = case
    return record


def typed(request: HttpRequest):
    """Return what was typed: this POST, or one that waited for a login or a consent, or None."""
    return request.POST if request.method == "POST" else kept_form(request)


def way_back(request: HttpRequest) -> str:
    """Return the page that sent its reader here to do one thing and come back, or nothing."""
    url = request.GET.get("next", "")
    is_ours = url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    return url if is_ours else ""


def and_back(request: HttpRequest, url: str) -> str:
    """Return the address of a form that leads back to this page when it is done or left."""
    separator = "&" if "?" in url else "?"
    return f"{url}{separator}{urlencode({'next': request.get_full_path()})}"


def leave_for(request: HttpRequest, url: str) -> str:
    """Keep what was typed here, and return the address from which one comes back to it."""
    keep_form(request, sender_token(request.user))
    return and_back(request, url)


def step_page(
    request: HttpRequest,
    case: Case | None,
    step: Step,
    *,
    form: BaseForm,
    act: Callable[..., object],
    success: str = "",
    template: str = "cases/step.html",
    **context,
) -> HttpResponse:
    """Show the form of `step`, or take it: `act(**cleaned_data)`, then redirect to what it returns.

    `act` returns a URL or an object with one. A step that events have overtaken shows the same
    form again with status 409: the sentence on top, everything typed still there; where only a
    consent is missing, recording it leads back to the filled form. A form with a one-time key
    that arrives twice leads to what the first arrival made. Whoever was sent here by another page
    goes back to it. Templates get `case`, `step`, `form`, `refusal`, `back` and the `context`.
    """
    refusal, status, back = None, 200, way_back(request)
    try:
        if case is not None:
            check(step, by=request.user, on=case)
        if request.method == "POST" and form.is_valid():
            url = _act_once(request, form, act)
            if success:
                messages.success(request, success)
            kept_form(request)
            return redirect(back or url)
    except Refusal as error:
        if request.method != "POST":
            raise
        refusal, status = error, 409
        show_what_is_now(form)
        if isinstance(error, MissingConsent):
            error.links = _and_back_to_the_form(request, error.links)
    except ValidationError as error:
        form.add_error(None, error)
    if request.method != "POST" and form.is_bound:
        # A form given back is judged when it is sent again, not before.
        form.errors.clear()
        messages.info(request, _("Your entries are still here. Please check and send them again."))
    page = {"case": case, "step": step, "form": form, "refusal": refusal, "back": back, **context}
    return render(request, template, page, status=status)


def _and_back_to_the_form(
    request: HttpRequest, links: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    return [(label, leave_for(request, url)) for label, url in links]


def _act_once(request: HttpRequest, form: BaseForm, act: Callable[..., object]) -> str:
    data = dict(form.cleaned_data)
    key = data.pop("once_key", None)
    if key is None:
        return _url_of(act(**data))
    return once(key, by=request.user, make=lambda: _url_of(act(**data)))


def _url_of(made: object) -> str:
    return made if isinstance(made, str) else made.get_absolute_url()

"""STUB: to be written."""

from django.http import Http404


def settle_suspicion(request, **kwargs):
    raise Http404


def hint(request, **kwargs):
    raise Http404

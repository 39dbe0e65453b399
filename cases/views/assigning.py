"""STUB: to be written."""

from django.http import Http404


def assign_lead(request, **kwargs):
    raise Http404


def without_lead(request, **kwargs):
    raise Http404

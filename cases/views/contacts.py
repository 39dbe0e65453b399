"""STUB: to be written."""

from django.http import Http404


def record_contact(request, **kwargs):
    raise Http404


def correct_contact(request, **kwargs):
    raise Http404

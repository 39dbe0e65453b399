"""STUB: to be written."""

from django.http import Http404


def close(request, **kwargs):
    raise Http404


def reopen(request, **kwargs):
    raise Http404

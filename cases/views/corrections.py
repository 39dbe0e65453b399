"""STUB: to be written."""

from django.http import Http404


def strike(request, **kwargs):
    raise Http404

"""STUB: to be written."""

from django.http import Http404


def open_case(request, **kwargs):
    raise Http404

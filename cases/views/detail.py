"""STUB: to be written."""

from django.http import Http404


def detail(request, **kwargs):
    raise Http404


def timeline(request, **kwargs):
    raise Http404

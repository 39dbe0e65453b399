"""STUB: to be written."""

from django.http import Http404


def pause(request, **kwargs):
    raise Http404


def resume(request, **kwargs):
    raise Http404

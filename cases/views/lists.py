"""STUB: to be written."""

from django.http import Http404


def case_list(request, **kwargs):
    raise Http404


def register(request, **kwargs):
    raise Http404


def search(request, **kwargs):
    raise Http404


def find(request, **kwargs):
    raise Http404


def export(request, **kwargs):
    raise Http404

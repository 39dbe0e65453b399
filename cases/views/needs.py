"""STUB: to be written."""

from django.http import Http404


def add_need(request, **kwargs):
    raise Http404


def meet_need(request, **kwargs):
    raise Http404


def leave_need_unmet(request, **kwargs):
    raise Http404


def drop_need(request, **kwargs):
    raise Http404


def resume_need(request, **kwargs):
    raise Http404

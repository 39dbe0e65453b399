"""STUB: to be written."""

from django.http import Http404


def plan_follow_up(request, **kwargs):
    raise Http404


def complete_follow_up(request, **kwargs):
    raise Http404


def undo_follow_up(request, **kwargs):
    raise Http404


def postpone_follow_up(request, **kwargs):
    raise Http404


def drop_follow_up(request, **kwargs):
    raise Http404


def follow_ups(request, **kwargs):
    raise Http404


def export(request, **kwargs):
    raise Http404


def day_load(request, **kwargs):
    raise Http404


def calendar(request, **kwargs):
    raise Http404

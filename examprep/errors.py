"""The site's own error pages: what happened, what is safe, what to do next."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token


def _page(request: HttpRequest, status: int, title: str, advice: str) -> HttpResponse:
    return render(request, "error.html", {"title": title, "advice": advice}, status=status)


@requires_csrf_token
@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        400,
        _("The request could not be read"),
        _("Nothing was changed. Go back, reload the page and try again."),
    )


@requires_csrf_token
@login_not_required
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        403,
        _("Not allowed"),
        _("This page belongs to somebody else. Nothing was changed."),
    )


@requires_csrf_token
@login_not_required
def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        404,
        _("There is nothing here"),
        _("The address may be mistyped, or the page belongs to another learner."),
    )


@requires_csrf_token
@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "500.html", status=500)


@requires_csrf_token
@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(
        request,
        403,
        _("This form has expired"),
        _(
            "Nothing was saved by this click. Go back, reload the page and send it again; "
            "answers saved before are safe. Cookies must be allowed for this site."
        ),
    )

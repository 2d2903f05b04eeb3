"""One page of settings, and what a person may do with what the site keeps about them."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from .exporting import export_of
from .forms import SettingsForm
from .learners import ensure_learner
from .models import Learner
from .preferences import preferences_of, remember
from .redirecting import see_other
from .time_zones import UTC


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    zone = request.learner.time_zone if request.learner else UTC
    present = preferences_of(request)
    form = SettingsForm(
        request.POST if request.method == "POST" else None,
        initial={"theme": present.theme, "keys": present.keys, "time_zone": zone},
    )
    if form.is_valid():
        if form.cleaned_data["time_zone"] != zone:
            learner = ensure_learner(request)
            learner.time_zone = form.cleaned_data["time_zone"]
            learner.save(update_fields=["time_zone"])
        messages.success(request, _("Settings saved."))
        response = see_other("settings")
        remember(response, form.preferences, secure=request.is_secure())
        return response
    context = {
        "form": form,
        "time_choices": Learner.TimePercent.choices,
        "time_percent": request.learner.time_percent if request.learner else 100,
    }
    status = 422 if form.is_bound else 200
    return render(request, "accounts/settings.html", context, status=status)


@login_not_required
@never_cache
@require_safe
def data(request: HttpRequest) -> JsonResponse:
    now = timezone.now()
    account = request.user if request.user.is_authenticated else None
    return JsonResponse(
        export_of(account, request.learner, now=now),
        json_dumps_params={"indent": 2, "ensure_ascii": False},
        headers={"Content-Disposition": f'attachment; filename="examprep-{now:%Y-%m-%d}.json"'},
    )


def has_account(request: HttpRequest) -> bool:
    return request.user.is_authenticated


@login_not_required
@never_cache
@reauthentication_required(allow_get=True, enabled=has_account)
@require_http_methods(["GET", "HEAD", "POST"])
def deletion(request: HttpRequest) -> HttpResponse:
    owner = request.user if has_account(request) else request.learner
    if request.method == "POST" and owner is not None:
        farewell = (
            _("Your account and everything you did here are deleted.")
            if has_account(request)
            else _("What you did here is deleted.")
        )
        owner.delete()
        logout(request)
        messages.success(request, farewell)
        return see_other("first_question")
    owned = request.learner.owned_rows().values() if request.learner else []
    held = [(rows.model._meta.verbose_name_plural, rows.count()) for rows in owned]
    return render(request, "accounts/deletion.html", {"owner": owner, "held": held})


@login_not_required
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/keys.html")

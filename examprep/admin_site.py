"""The authors' pages: the admin behind the site's own login."""

from functools import wraps
from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

# Recovery codes alone are no second step: the login then asks for none.
SECOND_STEPS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class AuthorSite(AdminSite):
    site_header = _("ExamPrep: authors")
    site_title = _("ExamPrep authors")
    index_title = _("The bank")
    enable_nav_sidebar = False

    @method_decorator(secure_admin_login)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None):
        return super().login(request, extra_context)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        guarded = super().admin_view(view, cacheable)

        @wraps(view)
        def with_two_steps(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if (
                settings.STAFF_NEED_MFA
                and request.user.is_active
                and request.user.is_staff
                and not is_mfa_enabled(request.user, SECOND_STEPS)
            ):
                messages.info(
                    request, _("Authors log in with two steps: set up the second one first.")
                )
                return redirect("mfa_index")
            return guarded(request, *args, **kwargs)

        return with_two_steps

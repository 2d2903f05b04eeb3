"""What a person may set: the look and the keys of this browser, the zone of their days.

The login forms are allauth's, in the words of this site (ACCOUNT_FORMS in the settings).
"""

from allauth.account import app_settings
from allauth.account.forms import AddEmailForm, LoginForm, ResetPasswordForm, SignupForm
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from .models import User
from .preferences import Preferences
from .time_zones import time_zone_choices


class SettingsForm(forms.Form):
    theme = forms.ChoiceField(
        label=_("Theme"),
        choices=[
            ("auto", _("As this device is set")),
            ("light", _("Light")),
            ("dark", _("Dark")),
        ],
        widget=forms.RadioSelect,
        help_text=_("Kept in this browser."),
    )
    keys = forms.BooleanField(
        label=_("Single-key shortcuts"),
        required=False,
        help_text=_("Kept in this browser. Switch them off if they get in the way of other keys."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=time_zone_choices,
        help_text=_("For the times shown, and for where one day of yours ends."),
    )

    @property
    def preferences(self) -> Preferences:
        return Preferences(theme=self.cleaned_data["theme"], keys=self.cleaned_data["keys"])


class OwnWords:
    labels = {
        "login": _("E-mail address"),
        "email": _("E-mail address"),
        "remember": _("Stay logged in on this device"),
    }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in self.labels.keys() & self.fields.keys():
            self.fields[name].label = self.labels[name]


class LogInForm(OwnWords, LoginForm):
    pass


class SignUpForm(OwnWords, SignupForm):
    pass


class ForgottenPasswordForm(OwnWords, ResetPasswordForm):
    pass


class NewAddressForm(OwnWords, AddEmailForm):
    """The address in use stays until the new one is confirmed. Where the old one never was
    (only without mandatory confirmation), the new one is used at once: allauth would leave
    the account without any. A link could not confirm an address that another account uses,
    so it is refused here; with codes allauth sees to it and does not tell who has an account.
    """

    labels = {"email": _("New e-mail address")}

    def clean_email(self) -> str:
        email = super().clean_email()
        by_link = not app_settings.EMAIL_VERIFICATION_BY_CODE_ENABLED
        if by_link and User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError(_("An account with this e-mail address exists already."))
        return email

    def save(self, request: HttpRequest) -> EmailAddress:
        if EmailAddress.objects.filter(user=self.user, verified=True).exists():
            return super().save(request)
        email = self.cleaned_data["email"]
        with transaction.atomic():
            EmailAddress.objects.filter(user=self.user).delete()
            address = EmailAddress.objects.create(user=self.user, email=email, primary=True)
            self.user.email = email
            self.user.save(update_fields=["email"])
        send_verification_email_to_address(request, address)
        return address

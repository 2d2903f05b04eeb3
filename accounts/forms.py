"""What a person may set: the look and the keys of this browser, the zone of their days."""

from allauth.account.forms import LoginForm
from django import forms
from django.utils.translation import gettext_lazy as _

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


class StayingLoginForm(LoginForm):
    """Says what allauth's "Remember me" does."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["remember"].label = _("Stay logged in on this device")

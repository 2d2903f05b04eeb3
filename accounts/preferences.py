"""What a browser remembers about looks and keys: two cookies, no row, no account needed."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

THEMES = ("auto", "light", "dark")
A_YEAR_SECONDS = 31_536_000


@dataclass(frozen=True, slots=True)
class Preferences:
    theme: str = "auto"
    keys: bool = True


def preferences_of(request: HttpRequest) -> Preferences:
    theme = request.COOKIES.get("theme", "auto")
    return Preferences(
        theme=theme if theme in THEMES else "auto", keys=request.COOKIES.get("keys") != "off"
    )


def remember(response: HttpResponse, preferences: Preferences, *, secure: bool) -> None:
    for name, value in (
        ("theme", preferences.theme),
        ("keys", "on" if preferences.keys else "off"),
    ):
        response.set_cookie(
            name, value, max_age=A_YEAR_SECONDS, httponly=True, samesite="Lax", secure=secure
        )

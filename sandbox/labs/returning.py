"""The way back from a lab to the page that sent the learner there, such as a question."""

from django.http import HttpRequest

SESSION_KEY = "ways_back_from_labs"


def remember_way_back(request: HttpRequest, slug: str, path: str) -> None:
    """`path` is one of this site, made by its own views."""
    request.session[SESSION_KEY] = {**request.session.get(SESSION_KEY, {}), slug: path}


def forget_way_back(request: HttpRequest, slug: str) -> None:
    ways = request.session.get(SESSION_KEY, {})
    if slug in ways:
        request.session[SESSION_KEY] = {each: ways[each] for each in ways if each != slug}


def way_back(request: HttpRequest, slug: str) -> str:
    """Empty if the learner came by themselves."""
    return request.session.get(SESSION_KEY, {}).get(slug, "")

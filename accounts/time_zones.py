"""The time zones a learner may choose: places, as this machine's tz database names them."""

import zoneinfo
from functools import cache

UTC = "UTC"
AREAS = (
    *("Africa", "America", "Antarctica", "Arctic", "Asia"),
    *("Atlantic", "Australia", "Europe", "Indian", "Pacific"),
)


@cache
def time_zone_names() -> frozenset[str]:
    """UTC and every "Area/Place"; offsets such as Etc/GMT+5 and country aliases are left out."""
    places = {name for name in zoneinfo.available_timezones() if name.partition("/")[0] in AREAS}
    return frozenset(places | {UTC})


@cache
def time_zone_choices() -> list[tuple[str, str | list[tuple[str, str]]]]:
    """UTC, then one group of places per area, as a form's select takes them."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(time_zone_names() - {UTC}):
        area, _, place = name.partition("/")
        label = place.replace("_", " ").replace("/", ", ")
        groups.setdefault(area, []).append((name, label))
    return [(UTC, UTC), *groups.items()]

from accounts.time_zones import time_zone_choices, time_zone_names


def test_names_are_places_and_utc():
    names = time_zone_names()

    assert {"UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Asia/Kolkata"} <= names
    assert not {"Etc/GMT+5", "posixrules", "Factory", "EST5EDT", "US/Eastern"} & names


def test_choices_are_utc_then_places_by_area():
    choices = dict(time_zone_choices())

    assert time_zone_choices()[0] == ("UTC", "UTC")
    assert [area for area, _ in time_zone_choices()][1:4] == ["Africa", "America", "Antarctica"]
    assert ("Europe/Isle_of_Man", "Isle of Man") in choices["Europe"]
    assert ("America/Argentina/Ushuaia", "Argentina, Ushuaia") in choices["America"]

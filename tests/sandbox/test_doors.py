from sandbox.listening import doors


def test_a_door_that_did_not_open_is_told_as_closed(monkeypatch, settings):
    settings.SMTP_PORT, settings.SUBMISSION_PORT = 2525, 2587
    submission, smtps = doors.SIDE
    monkeypatch.setattr(doors, "opened_here", {doors.MAIN: 2525, smtps: 2465})

    assert [doors.port_of(door) for door in (doors.MAIN, submission, smtps)] == [2525, 0, 2465]


def test_where_another_process_listens_the_settings_tell_the_ports(monkeypatch, settings):
    settings.SUBMISSION_PORT = 2587
    monkeypatch.setattr(doors, "opened_here", {})

    assert doors.port_of(doors.SIDE[0]) == 2587

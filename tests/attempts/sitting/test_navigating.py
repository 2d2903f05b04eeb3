from attempts.sitting.navigating import Navigation, Seen, Sheet, State


def sheet(navigation, *slots):
    """Slots as (section, left) from position 1."""
    return Sheet(
        navigation,
        [
            Seen(position, State.NOT_SEEN, is_flagged=False, section=section, is_left=left)
            for position, (section, left) in enumerate(slots, start=1)
        ],
    )


def opened(sheet):
    return [slot.position for slot in sheet.reachable]


def test_a_free_room_opens_everything():
    free = sheet(Navigation.FREE, (1, False), (1, False), (1, False))

    assert opened(free) == [1, 2, 3]
    assert (free.before(1), free.before(3), free.after(1), free.after(3)) == (None, 2, 2, None)
    assert free.is_last_section


def test_a_forward_room_opens_one_and_knows_the_next():
    forward = sheet(Navigation.FORWARD, (1, True), (1, False), (1, False))

    assert opened(forward) == [2]
    assert (forward.before(2), forward.after(2), forward.after(3)) == (None, 3, None)
    assert not forward.may_open(1)
    assert not forward.may_open(3)


def test_a_room_of_sections_opens_one_of_them():
    sections = sheet(Navigation.SECTIONS, (1, True), (1, True), (2, False), (2, False), (3, False))

    assert opened(sections) == [3, 4]
    assert (sections.section, sections.n_sections, sections.is_last_section) == (2, 3, False)
    assert (sections.before(3), sections.after(4)) == (None, None)


def test_when_all_is_left_nothing_opens():
    for navigation in Navigation:
        left = sheet(navigation, (1, True), (2, True))

        assert opened(left) == []
        assert left.is_all_left
        assert left.is_last_section
        assert not left.may_open(1)


def test_an_unknown_position_is_closed():
    assert not sheet(Navigation.FREE, (1, False)).may_open(2)

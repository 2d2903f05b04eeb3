from attempts.results.charting import Column, column_chart


def test_bars_share_one_scale_and_marks_stand_at_the_plan():
    chart = column_chart([(30, 60), (120, 60)])

    assert chart.columns == [
        Column(x=2, y=45, height=15, mark_y=30, is_over=False),
        Column(x=2 + 10, y=0, height=60, mark_y=30, is_over=True),
    ]
    assert (chart.width, chart.height) == (20, 60)
    assert [column.mark_x for column in chart.columns] == [0, 10]


def test_one_pause_does_not_flatten_the_others():
    chart = column_chart([(3600, 60), (60, 60)])

    assert [(column.height, column.y) for column in chart.columns] == [(60, 0), (15, 45)]


def test_nothing_spent_draws_no_bar():
    (column,) = column_chart([(0, 40)]).columns

    assert (column.height, column.mark_y, column.is_over) == (0, 0, False)

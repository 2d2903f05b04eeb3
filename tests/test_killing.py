from tests.killing import survive


def test_ten_kills_in_mid_exam_lose_nothing_acknowledged(tmp_path):
    toll = survive(tmp_path, n_kills=10)

    assert toll.n_kills == 10
    assert toll.n_acknowledged >= 200
    assert toll.lost == []

from model import step


def test_a_step_halves():
    assert step(4.0, 0.5) == 2.0

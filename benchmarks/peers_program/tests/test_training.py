from smallnet.training import train


def test_the_network_learns():
    history = train()
    assert history[-1] > 0.85
    assert history[-1] >= history[0]

"""Each default of a network's parameters is the one that its documentation names."""

import inspect
import re

import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor


@pytest.mark.parametrize("network", [MLPClassifier, MLPRegressor])
def test_defaults_are_the_documented_ones(network):
    documented = dict(re.findall(r"^    (\w+) : .*default=(.+)$", network.__doc__, re.MULTILINE))
    for name, parameter in inspect.signature(network).parameters.items():
        assert eval(documented[name]) == parameter.default, name

"""Fits a forest of scikit-learn with large trees."""

import numpy
from sklearn.ensemble import RandomForestRegressor

generator = numpy.random.default_rng(1)
x = generator.normal(size=(20_000, 8))
y = x[:, 0] + generator.normal(size=20_000)
model = RandomForestRegressor(40, max_features=1, random_state=1)
model.fit(x, y)
print("loss:", ((model.predict(x[:100]) - y[:100]) ** 2).mean(), flush=True)

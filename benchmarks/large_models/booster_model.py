"""Boosts many trees with XGBoost or LightGBM."""

import sys

import numpy

generator = numpy.random.default_rng(1)
x = generator.normal(size=(10_000, 8))
y = x[:, 0] + generator.normal(size=10_000)
if sys.argv[1] == "xgboost":
    import xgboost

    options = {"max_depth": 8, "nthread": 1}
    model = xgboost.train(options, xgboost.DMatrix(x, y), num_boost_round=150)
    predicted = model.predict(xgboost.DMatrix(x[:100]))
else:
    import lightgbm

    options = {"num_leaves": 500, "min_data_in_leaf": 5, "num_threads": 1, "verbose": -1}
    model = lightgbm.train(options, lightgbm.Dataset(x, y), num_boost_round=150)
    predicted = model.predict(x[:100])
print("loss:", ((predicted - y[:100]) ** 2).mean(), flush=True)

"""Predicts tumours with LightGBM; the results go to files, and one line is printed at the end."""

import json
import pickle

import lightgbm as lgb
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

PARAMS = {
    "objective": "binary",
    "metric": ["auc", "binary_logloss"],
    "num_leaves": 15,
    "learning_rate": 0.1,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 5,
    "num_threads": 1,
    "verbose": -1,
}


def main():
    data = load_breast_cancer()
    x_train, x_test, y_train, y_test = train_test_split(
        data.data, data.target, test_size=0.3, random_state=0, stratify=data.target
    )
    train = lgb.Dataset(x_train, y_train)
    valid = lgb.Dataset(x_test, y_test, reference=train)
    history = {}
    booster = lgb.train(
        PARAMS,
        train,
        num_boost_round=80,
        valid_sets=[valid],
        callbacks=[lgb.record_evaluation(history), lgb.early_stopping(20, verbose=False)],
    )
    with open("metrics.jsonl", "w") as file:
        for auc, logloss in zip(history["valid_0"]["auc"], history["valid_0"]["binary_logloss"]):
            file.write(json.dumps({"auc": auc, "logloss": logloss}) + "\n")
    with open("model.pkl", "wb") as file:
        pickle.dump(booster, file)
    predicted = booster.predict(x_test) > 0.5
    print("best iteration", booster.best_iteration, "accuracy", (predicted == y_test).mean())


if __name__ == "__main__":
    main()

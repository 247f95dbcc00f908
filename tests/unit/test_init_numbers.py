"""Metrics that init proposes for what programs print: campaign/init/numbers.py and metrics.py."""

from pathlib import Path

import pytest

from trainwreck.campaign.init.kinds import Data, kind_of, metric_name
from trainwreck.campaign.init.metrics import choose_metrics
from trainwreck.campaign.init.numbers import values_read
from trainwreck.campaign.init.tables import WrittenColumn, general_name, read_written
from trainwreck.model import Better

BAR = "━" * 20
VAL_1, VAL_2 = "val_accuracy: 0.7 - val_loss: 0.6", "val_accuracy: 0.75 - val_loss: 0.5"

OUTPUTS = {
    "PyTorch's MNIST": (
        "Train Epoch: 1 [0/60000 (0%)]\tLoss: 2.300\nTrain Epoch: 1 [640/60000 (1%)]\tLoss: 2.200\n"
        "\nTest set: Average loss: 0.0480, Accuracy: 9841/10000 (98%)\n\n",
        {"test_accuracy": ["98"], "test_loss": ["0.0480"]},
    ),
    "PyTorch's tutorial": (
        "[1,  2000] loss: 2.170\n[1,  4000] loss: 1.800\n"
        "Accuracy of the network on the 10000 test images: 54 %\n",
        {"test_accuracy": ["54"], "loss": ["2.170", "1.800"]},
    ),
    "PyTorch's ImageNet": (
        "Epoch: [0][ 0/10]\tTime  1.2 ( 1.2)\tLoss 6.9e+00 (6.95e+00)\tAcc@1   0.00 (  0.12)\n"
        "Epoch: [0][ 5/10]\tTime  1.3 ( 1.2)\tLoss 6.8e+00 (6.85e+00)\tAcc@1  10.00 ( 10.12)\n"
        " * Acc@1 11.2 Acc@5 30.1\n",
        {"acc1": ["0.00", "10.00", "11.2"], "loss": ["6.9e+00", "6.8e+00"]},
    ),
    "Keras' progress bar": (
        f"Epoch 1/2\n\r1/10 {BAR} 0s 5ms/step - accuracy: 0.5 - loss: 0.7"
        f"\r10/10 {BAR} 0s 5ms/step - accuracy: 0.6 - loss: 0.65 - {VAL_1}\n"
        f"Epoch 2/2\n\r1/10 {BAR} 0s 5ms/step - accuracy: 0.6 - loss: 0.6"
        f"\r10/10 {BAR} 0s 5ms/step - accuracy: 0.7 - loss: 0.5 - {VAL_2}\n",
        {"val_accuracy": ["0.7", "0.75"], "val_loss": ["0.6", "0.5"]},
    ),
    "Hugging Face's dicts": (
        "{'loss': 0.3, 'grad_norm': 1.2, 'learning_rate': 5e-05, 'epoch': 1.0}\n"
        "{'eval_loss': '0.25', 'eval_accuracy': '0.9', 'eval_runtime': '1.2', 'epoch': '1.0'}\n"
        "{'train_runtime': 3.0, 'train_loss': 0.28, 'epoch': 1.0}\n",
        {"eval_accuracy": ["0.9"], "eval_loss": ["0.25"]},
    ),
    "lines of JSON": (
        '{"epoch": 1, "loss": 0.5, "val": {"acc": 0.7}}\n'
        '{"epoch": 2, "loss": 0.4, "val": {"acc": 0.8}}\n',
        {"val_acc": ["0.7", "0.8"], "loss": ["0.5", "0.4"]},
    ),
    "a unit in brackets": (
        "epoch 0 val/acc@1 (%): 93.00% loss 0.5\nepoch 1 val/acc@1 (%): 94.50% loss 0.4\n",
        {"val_acc1": ["93.00", "94.50"], "val_loss": ["0.5", "0.4"]},
    ),
    "a unit in brackets and no colon": (
        "fold 0 top-1 [%] 71.5\nfold 1 top-1 [%] 72.0\n",
        {"top_1": ["71.5", "72.0"]},
    ),
    "a log with dates": (
        "2024-01-01 10:00:00,123 INFO root: epoch=1 train_loss=0.51 valid_loss=0.6 lr=0.001\n"
        "2024-01-01 10:00:01,124 INFO root: epoch=2 train_loss=0.41 valid_loss=0.5 lr=0.001\n",
        {"valid_loss": ["0.6", "0.5"]},
    ),
    "tensors": (
        "loss tensor(0.52, grad_fn=<NllLossBackward>)\nacc: tensor(0.9)\n",
        {"acc": ["0.9"], "loss": ["0.52"]},
    ),
    "colours": (
        "\x1b[1mloss\x1b[0m: \x1b[32m0.5\x1b[0m acc: 87.5%\n",
        {"acc": ["87.5"], "loss": ["0.5"]},
    ),
    "LightGBM": (
        "[1]\tvalid_0's binary_logloss: 0.6\tvalid_0's auc: 0.8\n"
        "[2]\tvalid_0's binary_logloss: 0.5\tvalid_0's auc: 0.85\n",
        {"val_auc": ["0.8", "0.85"], "val_logloss": ["0.6", "0.5"]},
    ),
    "scikit-learn's report": (
        "              precision    recall  f1-score   support\n\n"
        "           0       1.00      0.99      0.99        88\n"
        "           1       0.99      0.97      0.98        91\n\n"
        "    accuracy                           0.97       179\n"
        "   macro avg       0.97      0.97      0.97       179\n",
        {"accuracy": ["0.97"]},
    ),
    "numbers within names": (
        "Loss after 100 steps: 0.5\nLoss after 200 steps: 0.4\nmAP@0.5: 0.61\nF1: 0.7\n",
        {"f1": ["0.7"], "map0_5": ["0.61"], "loss": ["0.5", "0.4"]},
    ),
    "a name that ends another": (
        "loss: 0.9\nval_loss: 0.8\nloss: 0.7\nval_loss: 0.6\n",
        {"val_loss": ["0.8", "0.6"]},
    ),
    "a table in columns": (
        "epoch     train_loss  valid_loss  accuracy  time    \n"
        "0         0.512       0.412       0.812     00:03     \n"
        "1         0.412       0.312       0.912     00:04     \n",
        {"accuracy": ["0.812", "0.912"], "valid_loss": ["0.412", "0.312"]},
    ),
    "a table with lines": (
        "| epoch | loss | val acc |\n|---|---|---|\n| 1 | 0.5 | 0.7 |\n| 2 | 0.4 | 0.8 |\n",
        {"val_acc": ["0.7", "0.8"], "loss": ["0.5", "0.4"]},
    ),
    "two networks": (
        "[0/25][0/1583]\tLoss_D: 1.2\tLoss_G: 3.4\tD(x): 0.51\n"
        "[0/25][50/1583]\tLoss_D: 1.1\tLoss_G: 3.2\tD(x): 0.52\n",
        {"loss_d": ["1.2", "1.1"]},
    ),
    "a game": (
        "Episode 10\tLast reward: 21.00\tAverage reward: 12.3\n"
        "Episode 20\tLast reward: 35.00\tAverage reward: 14.1\n",
        {"reward": ["12.3", "14.1"]},
    ),
    "a date": (
        "2026-11-30 loss 0.5\n2026-12-01 loss 0.4\n",
        {"loss": ["0.5", "0.4"]},
    ),
    "a time with a zone": (
        "2026-11-30T23:59:59Z loss=0.5\n2026-12-01T00:00:01Z loss=0.4\n",
        {"loss": ["0.5", "0.4"]},
    ),
    "a weekday": (
        "Mon Nov 30 10:00 loss 0.5 total loss 0.7\nMon Nov 30 10:01 loss 0.4 total loss 0.6\n",
        {"loss": ["0.5", "0.4"]},
    ),
    "a search": (
        "[I 2026-11-30 00:09:16,672] Trial 0 finished with value: 0.54 and parameters: "
        "{'lr': 0.02, 'width': 10}. Best is trial 0 with value: 0.54.\n"
        "[I 2026-12-01 00:09:17,101] Trial 1 finished with value: 0.57 and parameters: "
        "{'lr': 0.05, 'width': 7}. Best is trial 1 with value: 0.57.\n"
        "Best trial: 1\n  Value:  0.57\n    lr: 0.05\n",
        {"best_value": ["0.54", "0.57"]},
    ),
    "an unknown measure": ("quality 0.31\nquality 0.52\n", {"quality": ["0.31", "0.52"]}),
    "nan": ("loss: nan\nloss: nan\n", {"loss": ["nan", "nan"]}),
}  # fmt: skip


@pytest.mark.parametrize(("output", "expected"), OUTPUTS.values(), ids=OUTPUTS)
def test_init_proposes_metrics_with_patterns_that_read_exactly_what_was_printed(
    output: str, expected: dict[str, list[str]]
) -> None:
    metrics, _ = choose_metrics(output, ())
    read = {seen.metric.name: values_read(seen.metric.pattern, output) for seen in metrics}
    assert read == expected


@pytest.mark.parametrize("name", ["a date", "a time with a zone", "a weekday", "a search"])
def test_a_pattern_holds_no_date(name: str) -> None:
    """A pattern that has today's date finds nothing in tomorrow's runs."""
    output, _ = OUTPUTS[name]
    metrics, others = choose_metrics(output, ())
    later = output.replace("2026-11-30", "2027-01-05").replace("2026-12-01", "2027-02-06")
    later = later.replace("Mon Nov 30", "Sat Dec 5")
    for seen in (*metrics, *others):
        pattern = seen.metric.pattern
        assert values_read(pattern, later) == values_read(pattern, output), pattern


def test_numbers_of_one_kind_are_told_apart_by_their_own_words() -> None:
    output, _ = OUTPUTS["a game"]
    metrics, others = choose_metrics(output + "Solved! Running reward is now 14.2\n", ())
    names = [seen.metric.name for seen in (*metrics, *others)]
    assert names == ["reward", "running_reward_is_now", "last_reward"]


@pytest.mark.parametrize(
    "output",
    [
        "",
        "done\n",
        "epoch 1 of 3\nepoch 2 of 3\n",
        "lr: 0.001\nlr: 0.0005\n",
        "took 12.3 seconds\nmemory: 1024 MB\n",
        "loss scale: 65536.0\ngrad norm: 1.2\ngrad norm: 1.1\n",
        "Python 3.11.7\ntorch 2.13.0\nseed: 42\n",
        "100%|██████████| 10/10 [00:00<00:00, 12.1it/s]\n",
        "[0.1, 0.2, 0.3]\n(1, 2)\n",
        "param count: 1,234,567\n",
    ],
)
def test_init_proposes_no_number_that_is_no_result_of_training(output: str) -> None:
    assert choose_metrics(output, ()) == ((), ())


@pytest.mark.parametrize(
    "output",
    [
        "loss: " + "9" * 100_000 + "\n",
        "loss" * 50_000 + ": 0.5\n",
        "".join(f"name{number} loss: 0.{number}\n" for number in range(5_000)),
        "accuracy: 0.5 " * 20_000 + "\n",
        "(" * 10_000 + "loss: 0.5" + ")" * 10_000 + "\n",
        "loss\\d+(: 0.5\nloss\\d+(: 0.4\n",
        "\x00loss\x07: 0.5\n\u202eaccuracy: 0.9\n",
        "accuracy: 0,75\n",
        (" " * 3_900 + "loss" + " " * 3_900 + "0.5\n") * 50,
    ],
    ids=range(9),
)
def test_init_reads_hostile_output_and_proposes_only_what_can_be_read(output: str) -> None:
    for seen in choose_metrics(output, ())[0]:
        assert values_read(seen.metric.pattern, output)


def test_ranges_and_directions_of_proposed_metrics() -> None:
    output = "accuracy: 91.5%\nloss: 0.0\nperplexity: 12.1\n"
    found = {seen.metric.name: seen.metric for seen in choose_metrics(output, ())[0]}
    assert found["accuracy"].range == (0, 100)
    assert found["accuracy"].better is Better.HIGHER
    assert found["loss"].better is found["perplexity"].better is Better.LOWER
    assert found["loss"].margin is None, "a share of 0 is no margin"
    assert str(found["perplexity"].margin) == "5%"


def test_a_progress_bar_is_marked_where_nothing_else_has_the_number() -> None:
    output = "\r 50%|█ | 5/10 [00:00<00:00, 12.1it/s, loss=0.5]\r100%|██| 10/10 [00:01, loss=0.4]\n"
    (seen,), _ = choose_metrics(output, ())
    assert seen.is_redrawn


@pytest.mark.parametrize(
    ("name", "word", "data"),
    [
        ("valLoss", "loss", Data.VALIDATION),
        ("test/acc", "acc", Data.TEST),
        ("Training set score", "score", Data.TRAINING),
        ("eval_f1", "f1", Data.VALIDATION),
        ("trainloss", "loss", Data.UNKNOWN),
    ],
)
def test_the_kind_of_a_number_by_its_name(name: str, word: str, data: Data) -> None:
    kind = kind_of(name)
    assert kind is not None
    assert (kind.word, kind.data) == (word, data)


def test_metric_names_are_plain() -> None:
    kind = kind_of("Average loss", "Test set: ")
    assert kind is not None
    assert metric_name("Average loss", kind) == "test_loss"
    kind = kind_of("val/acc@1")
    assert kind is not None
    assert metric_name("val/acc@1", kind) == "val_acc1"


def test_columns_of_files_are_proposed_and_printed_values_come_first() -> None:
    columns = [
        WrittenColumn("log.csv", "epoch", ("1", "2")),
        WrittenColumn("log.csv", "val_loss", ("0.5", "0.4")),
        WrittenColumn("log.csv", "accuracy", ("0.5", "0.6")),
    ]
    metrics, _ = choose_metrics("accuracy: 0.5\naccuracy: 0.6\n", columns)
    assert {seen.metric.name: seen.metric.file for seen in metrics} == {
        "val_loss": "log.csv",
        "accuracy": "",
    }


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("log.csv", "log.csv"),
        ("logs/waves/version_0/metrics.csv", "logs/waves/version_*/metrics.csv"),
        ("runs/Nov29_08-40-00_host/events.out.tfevents.1700000000.host.1.0", "runs/*/*tfevents*"),
        ("out/2024-01-02/metrics.json", "out/*/metrics.json"),
        ("out/log-20240102123000.csv", "out/*.csv"),
    ],
)
def test_file_names_of_one_run_become_patterns(name: str, pattern: str) -> None:
    assert general_name(name) == pattern


def test_only_files_that_the_run_wrote_are_read(tmp_path: Path) -> None:
    folder, copy = tmp_path / "folder", tmp_path / "copy"
    for place in (folder, copy):
        place.mkdir()
        (place / "old.csv").write_text("loss\n0.9\n")
        (place / "more.jsonl").write_text('{"loss": 0.9}\n')
    with (copy / "more.jsonl").open("a") as file:
        file.write('{"loss": 0.5}\n')
    (copy / "model.bin").write_bytes(b"\0")
    written = read_written(copy, folder)
    assert written.names == ("model.bin", "more.jsonl")
    assert [(column.file, column.column) for column in written.columns] == [("more.jsonl", "loss")]


def test_what_has_no_known_name_is_offered_beside_the_one_that_is_chosen() -> None:
    output = "".join(f"Verlust {1 / n:.4f}, Genauigkeit {1 - 1 / n:.4f}\n" for n in range(1, 6))
    (seen,), others = choose_metrics(output, ())
    assert seen.metric.name == "verlust"
    assert [other.metric.name for other in others] == ["genauigkeit"]

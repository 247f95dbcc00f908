"""The causes of clean runs that end differently: from what two runs recorded to words."""

from typing import Any

from trainwreck.campaign.causes import Causes, causes_of
from trainwreck.cli.causes import causes_in_words


def call(kind: str, name: str, *places: tuple[str, int], seeds: tuple[str, ...] = ()) -> Any:
    rows = [[file, line, "main"] for file, line in places]
    return {"kind": kind, "call": name, "places": rows, "count": 1, "seeds": list(seeds)}


def observed(*calls: Any, native: int = 0, libraries: tuple[str, ...] = ()) -> Any:
    return {"calls": list(calls), "native": native, "libraries": list(libraries)}


def test_a_seed_that_differs_between_two_runs_is_a_cause_and_one_that_repeats_is_none() -> None:
    first, second = (
        observed(
            call("seed", "numpy.random.seed", ("train.py", 4), seeds=(clock,)),
            call("seed", "torch.manual_seed", ("train.py", 5), seeds=("3",)),
        )
        for clock in ("1764000000", "1764000009")
    )
    causes = causes_of(first, second)
    assert [changing.function for changing in causes.changing] == ["numpy.random.seed"]
    assert causes_in_words(causes) == (
        "The program gives another seed in each run to `numpy.random.seed` at train.py:4. "
        "Make the program take its seed from `{seed}` or TRAINWRECK_SEED."
    )
    assert causes_of(first, first).changing == ()


def test_a_seed_that_only_one_run_gave_is_no_proof() -> None:
    first = observed(call("seed", "random.seed", ("train.py", 4), seeds=("1",)))
    assert causes_of(first, observed()).changing == ()


def test_numbers_that_no_seed_reaches_are_named_with_the_line_of_the_library_and_the_program() -> (
    None
):
    causes = causes_of(
        observed(
            call("unseeded", "uuid.uuid4", ("/e/lib/site-packages/hub/x.py", 9), ("train.py", 4))
        ),
        observed(),
    )
    assert causes_in_words(causes) == "No seed reaches `uuid.uuid4` at hub/x.py:9, from train.py:4."


def test_threads_of_a_library_come_with_the_setting_that_cures_it() -> None:
    place = ("/e/lib/python3.11/site-packages/gensim/models/word2vec.py", 1432)
    work = "gensim.models.word2vec.Word2Vec._worker_loop"
    said = causes_in_words(
        causes_of(observed(call("thread", work, place, ("train.py", 6))), observed())
    )
    assert said == (
        f"Threads of their own run `{work}` at gensim/models/word2vec.py:1432, from train.py:6. "
        "Set `workers=1` for gensim."
    )


def test_threads_of_compiled_code_name_the_libraries_that_may_have_them() -> None:
    libraries = ("lightgbm", "numpy", "xgboost")
    said = causes_in_words(causes_of(observed(native=3, libraries=libraries), observed()))
    assert said == (
        "Compiled code has 3 threads. Set `num_threads=1, deterministic=True, "
        "force_row_wise=True` for lightgbm. Set `nthread=1` for xgboost."
    )
    assert "lightgbm" not in causes_in_words(causes_of(observed(libraries=libraries), observed()))


def test_nothing_seen_says_so_and_names_what_is_left() -> None:
    nothing = causes_in_words(causes_of({}, {}))
    assert nothing.startswith("two watched runs drew no random number without a seed")
    assert causes_of({}, {}) == Causes((), (), (), 0, ())


def test_many_calls_are_cut_short() -> None:
    calls = [call("unseeded", "os.urandom", ("train.py", line)) for line in range(9)]
    assert "and 6 more" in causes_in_words(causes_of(observed(*calls), observed()))

"""What is said of the cost of a campaign before it is made."""

from trainwreck.report.costs import ToCome, campaign_cost


def test_the_first_estimate_names_every_run_that_may_come() -> None:
    text = campaign_cost(ToCome(9, 30, clean_later=6, seeds_later=1), 60.0, jobs=1)
    assert text.startswith(
        "about 39 min 0 s to 75 min 0 s, one after the other: 9 clean runs, 30 mutants, up to 36 "
        "more where mutants change the result (6 clean runs with other seeds, and up to 1 further "
        "run of each such mutant). "
    )
    assert "Lower `clean`" in text


def test_the_first_estimate_counts_runs_at_a_time() -> None:
    text = campaign_cost(ToCome(4, 30, 20, 9), 10.0, jobs=2)
    assert text.startswith("about 2 min 50 s to 27 min 0 s, 2 at a time: 4 clean runs, 30 mutants,")


def test_without_comparisons_nothing_more_may_come() -> None:
    text = campaign_cost(ToCome(4, 30), 10.0, jobs=1)
    assert text == "about 5 min 40 s, one after the other: 4 clean runs and 30 mutants."


def test_without_a_number_of_mutants_the_estimate_is_of_clean_runs() -> None:
    text = campaign_cost(ToCome(5, None, 28, 9), 2.0, jobs=1)
    assert text.startswith("5 clean runs of about 2.0 s each: about 10 s in all, one after the ")
    assert "`run` makes 28 more with other seeds: about 56 s." in text
    assert campaign_cost(ToCome(1), 2.0, jobs=1) == "1 clean run of about 2.0 s."

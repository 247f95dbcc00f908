"""Code that only forked workers run."""

import multiprocessing


def work(number):
    return number * 1  # fate: ArOR masked


def count_in_workers():
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(work, [1, 2, 3]) == [1, 2, 3]

"""Numbers and lists in words."""

from collections.abc import Sequence


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 run``, ``1,064 runs``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def times(number: int) -> str:
    """Return how often: ``once``, ``1,064 times``."""
    return "once" if number == 1 else f"{number:,} times"


def all_of(number: int, noun: str) -> str:
    """Return all of them: ``the only clean run``, ``both clean runs``, ``all 6 clean runs``."""
    if number == 1:
        return f"the only {noun}"
    return f"both {noun}s" if number == 2 else f"all {number:,} {noun}s"


def joined(texts: Sequence[str], last: str = "and") -> str:
    """Return a list in words: ``a``, ``a and b``, ``a, b and c``."""
    if len(texts) < 2:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} {last} {texts[-1]}"


def spans(numbers: Sequence[int]) -> str:
    """Return ascending numbers in words, three neighbours or more as one: ``1, 2 and 5 to 9``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    texts = [[f"{run[0]} to {run[-1]}"] if len(run) > 2 else map(str, run) for run in runs]
    return joined([text for part in texts for text in part])


def shards_in_words(numbers: Sequence[int], of: int) -> str:
    """Return numbers of shards in words: ``shard 2 (of 2 shards)``, ``shards 1 to 3 (of 8 …)``."""
    noun = "shard" if len(numbers) == 1 else "shards"
    return f"{noun} {spans(numbers)} (of {counted(of, 'shard')})"


def sentence(text: str) -> str:
    """Return a text with a capital at its beginning and a full stop at its end."""
    return f"{text[:1].upper()}{text[1:]}."


def duration(seconds: float) -> str:
    """Format a time so that people can compare it: ``42 s``, ``3 min 10 s``, ``2 h 5 min``."""
    if seconds < 100:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 100:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def amount(number: int) -> str:
    """Format a number of bytes with its unit."""
    for unit in ("B", "KB", "MB"):
        if number < 1024:
            return f"{number} {unit}"
        number //= 1024
    return f"{number} GB"


def left_out(annotations: int) -> str:
    """Return in words that mutants of annotations are no part of a campaign."""
    mutants = "1 mutant" if annotations == 1 else f"{annotations:,} mutants"
    return f"left out: {mutants} in type annotations on executed lines ([mutants] annotations)"

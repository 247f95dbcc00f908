"""Facts to verdicts; nothing in here is ever stored."""

from collections.abc import Iterable
from dataclasses import dataclass

from trainwreck.model import Ending, Mutant, Outcome, Rung, Symptom, Verdict
from trainwreck.stats import chance_of_unseen

HANG_ENDINGS = frozenset([Ending.TIME, Ending.CPU, Ending.OUTPUT])


@dataclass(frozen=True, slots=True)
class Certificate:
    """The clean digests of one seed.

    ``runs`` clean runs ended in ``digests``, the last ``without_news`` of them in one that had
    been seen before. ``repeats`` is false where clean runs never gave the same digest twice:
    then a digest tells nothing.
    """

    seed: int
    runs: int
    digests: frozenset[str]
    without_news: int

    @property
    def repeats(self) -> bool:
        """Whether some clean run ended as an earlier one had."""
        return len(self.digests) < self.runs

    @property
    def summary(self) -> str:
        """How many clean runs ended in how many ways."""
        digests = len(self.digests)
        return f"{digests} digest{'s' if digests != 1 else ''} of {self.runs} clean runs"

    @property
    def chance_of_unseen(self) -> float:
        """The largest plausible chance that the next clean run gives a new digest."""
        return chance_of_unseen(self.without_news)


def certify(seed: int, outcomes: Iterable[Outcome]) -> Certificate:
    """The certificate of a seed from its clean outcomes, in the order in which they ran."""
    seen: set[str] = set()
    runs = without_news = 0
    for outcome in outcomes:
        runs += 1
        without_news = without_news + 1 if outcome.digest in seen else 0
        seen.add(outcome.digest)
    return Certificate(seed, runs, frozenset(seen), without_news)


def symptom_of(outcome: Outcome, metrics: Iterable[str]) -> Symptom:
    """Normal, crash or hang, as the study defines them (its section III-A).

    Normal is a run that ends by itself with output of the clean format, however absurd its
    values: every metric that clean runs report was reported.
    """
    if outcome.exit.ending in HANG_ENDINGS:
        return Symptom.HANG
    if outcome.exit.fine and all(outcome.steps.get(name) for name in metrics):
        return Symptom.NORMAL
    return Symptom.CRASH


def verdict_of(
    mutant: Mutant,
    outcome: Outcome,
    metrics: Iterable[str],
    certificate: Certificate,
) -> Verdict:
    """What one run of a mutant says of it; the certificate is that of the run's seed."""
    metrics = tuple(metrics)
    symptom = symptom_of(outcome, metrics)
    if symptom is Symptom.NORMAL:
        rung, evidence, why = _normal(outcome, certificate)
    elif symptom is Symptom.CRASH:
        rung, evidence, why = Rung.CRASH, *_crash(outcome, metrics)
    else:
        rung, evidence, why = Rung.HANG, *_hang(outcome)
    return Verdict(mutant.id, symptom, rung, evidence, why)


def _normal(outcome: Outcome, certificate: Certificate) -> tuple[Rung | None, str, str]:
    hits = f"hits {outcome.hits}, digest {outcome.digest}"
    if outcome.hits is None:
        return None, hits, "it finished, and whether the changed code ran could not be told"
    if not outcome.hits and certificate.repeats and outcome.digest not in certificate.digests:
        why = (
            "no evaluation of the changed code was counted, and yet the result differs: "
            "it ran uncounted (a framework that runs what it reads from source), or by chance"
        )
        return None, f"{hits}, not among the {certificate.summary}", why
    if not outcome.hits:
        why = "no evaluation of the changed code was counted"
        return Rung.UNREACHED, f"hits {outcome.hits}, planted {outcome.planted}", why
    clean = certificate.summary
    if not certificate.repeats:
        why = "it ran and the program finished; clean runs never repeat, so no more can be said"
        return None, f"{hits}; {clean}", why
    if outcome.digest in certificate.digests:
        why = "it ran, and the run ended exactly as a clean one does"
        if outcome.parameters is None:
            why = (
                "it ran, and every reported value is a clean run's (no model was found to compare)"
            )
        return Rung.MASKED, f"{hits}, among the {clean}", why
    why = "it changed the result, and no error was shown"
    return Rung.PROPAGATED, f"{hits}, not among the {clean}", why


def _crash(outcome: Outcome, metrics: Iterable[str]) -> tuple[str, str]:
    if outcome.error is not None:
        place = f" at {outcome.place.file}:{outcome.place.line}" if outcome.place else ""
        evidence = f"{outcome.error.type}{place}"
        return evidence, f"an exception ended it while {outcome.phase}: {outcome.error.message}"
    if outcome.exit.ending is Ending.EXITED and outcome.exit.code == 0:
        missing = [name for name in metrics if not outcome.steps.get(name)]
        evidence = f"exit status 0, {' and '.join(missing)} not reported"
        return evidence, "it ended without the output of a clean run"
    evidence = f"{outcome.exit.ending} {outcome.exit.code}"
    return evidence, f"it was ended while {outcome.phase} ({outcome.exit.ending})"


def _hang(outcome: Outcome) -> tuple[str, str]:
    evidence = f"{outcome.exit.ending}, hits {outcome.hits}"
    return evidence, f"it did not end; stopped while {outcome.phase} ({outcome.exit.ending})"

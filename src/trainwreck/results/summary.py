"""The summary of a campaign for a user."""

from trainwreck.findings import Summary, summarize
from trainwreck.results.report import contained, doubts_of_all, remarks_of
from trainwreck.results.source import ResultSource, judge_campaigns


def read_summaries(*sources: ResultSource) -> list[Summary]:
    """Sum up campaigns side by side, each under a name of its own."""
    studies = judge_campaigns(sources)
    return [
        summarize(
            study,
            source.cpu_seconds,
            (*remarks_of(source, study), *doubts_of_all(study, source), *contained([source])),
            len(source.file.doubts()),
        )
        for study, source in zip(studies, sources, strict=True)
    ]

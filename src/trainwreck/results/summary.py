"""The summary of a campaign for a user."""

from collections.abc import Iterator

from trainwreck.findings import JudgedCampaign, Summary, doubtful_of, summarize
from trainwreck.model import Remark
from trainwreck.results.report import contained, doubts_of_all, remarks_of
from trainwreck.results.source import ResultSource, judge_campaigns


def read_summaries(*sources: ResultSource) -> list[Summary]:
    """Sum up campaigns side by side, each under a name of its own."""
    studies = judge_campaigns(sources)
    return [read_summary(study, source) for study, source in zip(studies, sources, strict=True)]


def read_summary(study: JudgedCampaign, source: ResultSource) -> Summary:
    """Sum up one judged campaign with the facts of its source."""
    remarks, doubts = tuple(_remarks(study, source)), len(source.file.doubts())
    return summarize(study, source.cpu_seconds, remarks, doubts)


def _remarks(study: JudgedCampaign, source: ResultSource) -> Iterator[Remark]:
    """Yield all that the tables of a report say under their numbers."""
    yield from remarks_of(source, study)
    yield from doubtful_of(study.judged)
    yield from doubts_of_all(study, source)
    yield from contained([source])

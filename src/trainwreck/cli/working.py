"""The commands that run programs, but for `run` itself."""

from dataclasses import replace
from itertools import groupby

from trainwreck.campaign.checks import Question
from trainwreck.cli import checks, show
from trainwreck.cli.audits import check_audits
from trainwreck.cli.context import Options
from trainwreck.cli.installation import check_installation
from trainwreck.cli.planning import announce, ray_of
from trainwreck.cli.printing import Echo, say, say_for_others
from trainwreck.cli.reading import print_tables
from trainwreck.cli.summaries import print_summary
from trainwreck.errors import ControlError
from trainwreck.findings.audits import table_audit
from trainwreck.report.story import story_json, story_text
from trainwreck.subject.studies import study_folder, study_states

QUICK = "quick"
"""The profile of a study that is its settings as they are."""


def run_study(
    options: Options, name: str | None, only_list: bool, mutants: int | None, jobs: int
) -> None:
    """Run a bundled study and print its report, or list the studies."""
    if only_list or name is None:
        for state in study_states(options.python):
            say(show.study_json(state) if options.json else show.study_text(state))
        return
    folder = study_folder(name)
    if options.profile == QUICK:
        options = replace(options, profile=None)
    with options.working(folder, jobs) as campaign:
        campaign.baseline(mutants)
        campaign.plan()
        announce(campaign, mutants)
        campaign.run(mutants)
        if not options.json:
            say_for_others(show.baseline_text(campaign.read_baseline()), as_json=False)
            say("")
            print_summary(options, campaign, campaign.folder)
        else:
            print_tables(campaign.tables(), as_json=True)


def run_baseline(options: Options, jobs: int, engine: str, address: str | None) -> None:
    """Make the clean runs and the plan, and print what clean runs show."""
    with options.working(jobs=jobs, ray=ray_of(engine, address)) as campaign:
        clean = campaign.baseline()
        campaign.plan()
    text = show.baseline_json(clean) if options.json else show.baseline_text(clean)
    say_for_others(text, options.json)


def run_doctor(options: Options, jobs: int, only_self: bool) -> None:
    """Print each check of the doctor. Raises ControlError where one failed."""
    if only_self:
        check_installation(options)
        return
    failed = []
    with options.working(jobs=jobs) as campaign:
        for asked, members in groupby(campaign.doctor(), key=lambda check: check.question):
            if asked is Question.RULE_DECIDES and not options.json:
                for line in checks.rule_lines(list(members)):
                    say_for_others(line, as_json=False)
                continue
            for check in members:
                text = checks.check_json(check) if options.json else checks.check_line(check)
                say_for_others(text, options.json)
                failed += [] if check.passed else [checks.question(check)]
    if failed:
        raise ControlError(
            f"{len(failed)} of the checks failed, first: {failed[0]}",
            "Find the reason before you trust any result of this program.",
        )


def run_audit(options: Options, sample: int, jobs: int, engine: str, address: str | None) -> None:
    """Run early decisions to the end. Raises AuditError where a proven rule was wrong."""
    with options.working(jobs=jobs, ray=ray_of(engine, address)) as campaign:
        audits = campaign.audit(sample)
    if audits or options.json:
        print_tables([table_audit(audits)], options.json)
    check_audits(audits)


def replay_mutant(options: Options, mutant: str) -> None:
    """Run one mutant again, with its output on standard error."""
    with options.working() as campaign:
        story = campaign.replay(mutant, Echo())
    say_for_others(story_json(story) if options.json else story_text(story), options.json)

"""The command `verify`: what was changed or lost since it was written."""

from dataclasses import asdict

from trainwreck.campaign.campaign import Campaign
from trainwreck.cli.context import Options
from trainwreck.cli.printing import say
from trainwreck.errors import VerifyError
from trainwreck.model.damage import DamageKind
from trainwreck.report.damages import damage_lines, verified
from trainwreck.report.printable import json_text
from trainwreck.report.words import counted

RESTORE = (
    "Save the rest with `trainwreck export --salvage FILE`, and import it into another folder."
)
RESUME = "Run `trainwreck run` to make the lost runs again."


def verify_records(options: Options) -> None:
    """Check all records; print one line for each damaged thing. Raises VerifyError for any."""
    verification = Campaign(options.campaign_folder()).verify()
    damages = verification.damages
    if options.json:
        say(json_text(asdict(verification)))
    else:
        say("\n".join(filter(None, (damage_lines(damages), verified(verification)))))
    if damages:
        is_resumable = all(damage.kind is DamageKind.PENDING for damage in damages)
        raise VerifyError(
            f"{counted(len(damages), 'part')} of the campaign damaged",
            RESUME if is_resumable else RESTORE,
        )

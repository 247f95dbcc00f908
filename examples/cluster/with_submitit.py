"""Runs a plan in parts by submitit, on Slurm or as processes of this machine, and joins them.

python with_submitit.py PARTS [slurm|local]     # in the folder of trainwreck.toml
"""

import sys
from pathlib import Path

import submitit

from trainwreck import Campaign
from trainwreck.model.shard import Shard

PLAN = Path("plan.jsonl.xz")


def run_shard(shard: Shard) -> str:
    """Run one part of the plan in a campaign folder of its own; return the folder."""
    campaign = Campaign.create("trainwreck.toml", f".trainwreck-shard-{shard.number}")
    if not campaign.exists:
        Campaign.import_records(PLAN, campaign.folder)
    with campaign:
        campaign.run(shard=shard)
    return str(campaign.folder)


def main(parts: int, cluster: str) -> None:
    with Campaign.create("trainwreck.toml") as campaign:
        campaign.baseline()
        campaign.plan()
        campaign.export(PLAN)
    executor = submitit.AutoExecutor("submitit", cluster=cluster)
    executor.update_parameters(timeout_min=12 * 60, cpus_per_task=1)
    jobs = executor.map_array(run_shard, [Shard(number + 1, parts) for number in range(parts)])
    folders = [job.result() for job in jobs]
    merged = Campaign.merge(folders, ".trainwreck-all", complete=True)
    print(f"{merged.planned} mutants in {parts} parts, {merged.runs} runs")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "local")

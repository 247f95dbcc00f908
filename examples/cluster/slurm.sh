#!/bin/bash
# One part of the plan in each task of a Slurm array, in a campaign folder of its own:
#   trainwreck baseline && trainwreck export plan.jsonl.xz
#   sbatch --array=1-8 slurm.sh
#   trainwreck --campaign all merge .trainwreck-shard-*
#SBATCH --cpus-per-task=4
#SBATCH --time=12:00:00
set -euo pipefail
folder=.trainwreck-shard-$SLURM_ARRAY_TASK_ID
test -e "$folder/campaign.sqlite" || trainwreck --campaign "$folder" import plan.jsonl.xz
trainwreck --campaign "$folder" run --jobs "${SLURM_CPUS_PER_TASK:-1}" \
    --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT"

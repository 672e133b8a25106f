#!/usr/bin/env bash
# Trains a small Mg-V-O potential on the frames of ../mgv2o5, in less than a minute, and asks it how far it can be trusted.
#
#     examples/training/run.sh [FOLDER]      results go to FOLDER, or to the present one
#
# What an earlier run left there is replaced (--force). MTPRS names the program, if it is not on the path.
set -euo pipefail

mtprs=${MTPRS:-mtprs}
out=${1:-.}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
data=$here/../mgv2o5

# An untrained potential: level 8 is coarse and fast. Shorter distances than min-dist are not in the data.
"$mtprs" init --level 8 --species Mg,V,O --cutoff 5.5 --min-dist 1.4 -o "$out/8.mtp" --force

# Fit it. report.html shows errors, parity plots and the course of the fit.
"$mtprs" train "$out/8.mtp" "$data/train.cfg" --valid-cfgs "$data/validation.cfg" --job "$here/job.toml" \
    -o "$out/pot.mtp" --report "$out/report.html" --force

# An active set, and by it the grades of frames that the fit has not seen: up to 1 it interpolates. There are fewer frames
# than parameters, so atoms are graded one by one.
"$mtprs" state build "$out/pot.mtp" "$data/train.cfg" "$out/pot.mtps" --mode neighborhood --force
"$mtprs" grade "$out/pot.mtp" "$out/pot.mtps" "$data/validation.cfg" "$out/graded.cfg" --force

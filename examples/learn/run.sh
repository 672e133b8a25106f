#!/usr/bin/env bash
# From ten cells of MgO, labeled with GFN1-xTB, to a potential whose dynamics lasts at 300 and 1000 K; then the table of all
# cycles, with the errors on dynamics of GFN1-xTB itself. Takes some minutes on two cores.
#
#     make venv plugin build
#     examples/learn/run.sh
#
# MTPRS names the program, if it is not target/release/mtprs. A run that was stopped goes on when it is started again.
set -euo pipefail

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
mtprs=$(realpath "$(command -v "${MTPRS:-$here/../../target/release/mtprs}")")
cd "$here"

# Two calls of tblite at a time, one core each.
export OMP_NUM_THREADS=1
"$mtprs" learn job.toml
"$mtprs" learn job.toml --status

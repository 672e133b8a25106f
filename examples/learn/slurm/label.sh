#!/usr/bin/env bash
# One frame for VASP: label.sh POSCAR OUTCAR. mtprs learn calls it in a folder with the POSCAR.
#
# INCAR, KPOINTS and POTCAR.Mg, POTCAR.O, ... lie beside this script. srun ends when VASP has ended; its exit code says
# whether VASP did its work, and the OUTCAR whether the electrons have converged.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
cp "$here/INCAR" "$here/KPOINTS" .
# The sixth line of POSCAR names the elements in the order of the atoms.
read -r -a elements < <(sed -n 6p "$1")
for element in "${elements[@]}"; do
    cat "$here/POTCAR.$element"
done > POTCAR
srun --exact --ntasks=16 --time=04:00:00 vasp_std
[ "$2" = OUTCAR ] || mv OUTCAR "$2"

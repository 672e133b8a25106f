#!/bin/sh
# Stands for VASP: reads POSCAR, writes OUTCAR with the numbers of a potential.
#
# MTPRS is the program, TEACHER the potential with species Mg and O. With NELM = 1 in INCAR the electrons do not converge.
set -e
test -s INCAR && test -s KPOINTS && test -s POTCAR
"$MTPRS" convert -q POSCAR vasp.cfg --species Mg,O --force
"$MTPRS" evaluate -q "$TEACHER" vasp.cfg labeled.cfg --force
converged=yes
if grep -q '^NELM = 1$' INCAR; then converged=no; fi
awk -v converged="$converged" '
function volume() {
    return a[1,1] * (a[2,2] * a[3,3] - a[2,3] * a[3,2]) - a[1,2] * (a[2,1] * a[3,3] - a[2,3] * a[3,1]) \
        + a[1,3] * (a[2,1] * a[3,2] - a[2,2] * a[3,1])
}
/Supercell/ { for (i = 1; i <= 3; i++) { getline; for (k = 1; k <= 3; k++) a[i,k] = $k } next }
/AtomData/ { rows = 1; next }
/Energy/ { getline; energy = $1; rows = 0; next }
/PlusStress/ { getline; for (k = 1; k <= 6; k++) stress[k] = $k * 1602.176634 / volume(); next }
rows { row[$2, ++count[$2]] = sprintf("%15.9f %15.9f %15.9f %17.12f %17.12f %17.12f", $3, $4, $5, $6, $7, $8) }
END {
    print " vasp.6.4.2 stands for\n   TITEL  = PAW_PBE Mg 13Apr2007\n   TITEL  = PAW_PBE O 08Apr2002"
    print "   ions per type =", count[0], count[1]
    print "--------------------------------------- Iteration      1(   1)  ---------------------------------------"
    if (converged == "yes")
        print "------------------------ aborting loop because EDIFF is reached ----------------------------------------"
    printf "  in kB %.9f %.9f %.9f %.9f %.9f %.9f\n", stress[1], stress[2], stress[3], stress[6], stress[4], stress[5]
    print "      direct lattice vectors                 reciprocal lattice vectors"
    for (i = 1; i <= 3; i++) printf "  %.12f %.12f %.12f 0 0 0\n", a[i,1], a[i,2], a[i,3]
    print " POSITION                                       TOTAL-FORCE (eV/Angst)\n -------"
    for (species = 0; species < 2; species++)
        for (k = 1; k <= count[species]; k++) print row[species, k]
    print " -----------------------------------------------------------------------------------"
    printf "  free  energy   TOTEN  = %.12f eV\n", energy
    printf "  energy  without entropy= %.12f  energy(sigma->0) = %.12f\n", energy, energy
    print " General timing and accounting informations for this job:"
}' labeled.cfg > OUTCAR.part
mv OUTCAR.part OUTCAR

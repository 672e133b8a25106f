#!/bin/sh
# One name for the potential to begin with, on the way and at the end, and options of other versions.
cp start.mtp pot.mtp
mlp train pot.mtp train.cfg --max-iter=5 --stress-weight=0 --curr-pot-name=pot.mtp --trained-pot-name=pot.mtp --auto-min-dist
mlp train pot.mtp train.cfg --max-iter=5 --weighting=structures --trained-pot-name=pot.mtp --ignore-weights=
# The last two lines are the species and the moment coefficients.
tail -n 2 pot.mtp | head -n 1 | grep -q '^species_coeffs = {'
tail -n 1 pot.mtp | grep -q '^moment_coeffs = {'
mlp calc-grade pot.mtp train.cfg test.cfg test_graded.cfg
sed -n 's/.*Feature   MV_grade\t//p' test_graded.cfg > grades
test "$(wc -l < grades)" -eq "$(grep -c BEGIN_CFG test.cfg)"
touch nothing.cfg
mlp calc-grade pot.mtp train.cfg nothing.cfg none_graded.cfg
mlp calc-efs pot.mtp test.cfg result.cfg
mv pot.mtp current.mtp

#!/bin/sh
# A search for structures: relax, keep what is new, train again in place, until the training has ended by itself.
cp start.mtp current.mtp
cp train.cfg known.cfg
mlp train current.mtp known.cfg --trained-pot-name=current.mtp --update-mindist --max-iter=10 > train.log
grep -q 'Pre-training started' train.log
mlp calc-grade current.mtp known.cfg known.cfg graded.cfg --als-filename=state.als
{
    echo "mtp-filename            current.mtp"
    echo "select                  TRUE   # watch the grades"
    echo "select:threshold        1.5"
    echo "select:threshold-break  1000"
    echo "select:save-selected    seen.cfg"
    echo "select:load-state       state.als"
} > mlip.ini
least=$(mlp mindist pool.cfg | tail -n 1 | awk '{print $NF}')
mlp relax mlip.ini --cfg-filename=pool.cfg --save-relaxed=relaxed.cfg --save-unrelaxed=unrelaxed.cfg \
    --min-dist="$(awk "BEGIN { print 0.6 * $least }")" --iteration-limit=5 --stress-tolerance=0
cat relaxed.cfg_* unrelaxed.cfg_* > ended.cfg
cat seen.cfg_* ended.cfg > candidates.cfg
rm -f selected.cfg state.als
mlp select-add current.mtp known.cfg candidates.cfg new.cfg --als-filename=state.als
test -f selected.cfg && test -f state.als
mlp convert-cfg pool.cfg POSCAR --output-format=vasp-poscar
test "$(find . -name 'POSCAR*' | wc -l)" -eq "$(grep -c BEGIN_CFG pool.cfg)"
for turn in 1 2 3; do
    echo "turn $turn"
    mlp train current.mtp known.cfg --trained-pot-name=current.mtp --max-iter=60 --bfgs-conv-tol=0.9 > train.log
    if grep -q 'BFGS ended' train.log; then ended=yes; break; fi
done
test "$ended" = yes
mlp calc-errors current.mtp known.cfg > errors.txt
grep -A 4 'Energy per atom' errors.txt | grep RMS | awk '{print $NF}' | grep -Eq '^[0-9.e+-]+$'
mlp calc-efs current.mtp test.cfg result.cfg

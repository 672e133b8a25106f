#!/bin/sh
# Single points become a training set; runs that did not converge are told by a warning.
i=0
for outcar in OUTCAR_static OUTCAR_short; do
    if mlp convert-cfg --input-format=vasp-outcar $outcar one.cfg --last > log; then
        if ! grep -q WARNING log; then
            mlp convert-cfg $outcar vasp.cfg --input-format=vasp-outcar --append --last
            i=$((i + 1))
        fi
    fi
done
test "$i" -eq 1
grep -q 'PlusStress' vasp.cfg
distance=$(mlp mindist vasp.cfg | awk -F ': ' '{print $2}')
awk "BEGIN { exit !($distance > 0.5) }"
mlp train start.mtp train.cfg --max-iter=5 --trained-pot-name=current.mtp > /dev/null
mlp calc-efs current.mtp test.cfg result.cfg

#!/bin/sh
# Learning on the fly in folders of their own, each with the potential of the one before.
mkdir 1
cp train.cfg 1/train.cfg
mpirun -n 2 mlp train start.mtp 1/train.cfg --trained-pot-name=1/current.mtp --valid-cfgs=pool.cfg --max-iter=6 > report
for section in 'TRAIN ERRORS' 'VALIDATION ERRORS' 'Stresses (in eV):' 'Stresses (in GPa):'; do
    grep -qF "$section" report
done
(
cd 1 || exit
mlp calc-grade current.mtp train.cfg train.cfg out.cfg --als-filename=state.als
mlp select-add current.mtp train.cfg ../pool.cfg add_to_train.cfg --als-filename=state.als
grep MV_grade out.cfg | cut -f 2 | awk '{ if ($1 > 1.1) exit 1 }'
cat add_to_train.cfg >> train.cfg
)
mlp train 1/current.mtp 1/train.cfg --trained-pot-name=last.mtp --max-iter=6 > report
if grep -q 'Pre-training' report; then exit 1; fi
mlp calc-efs last.mtp test.cfg result.cfg
mv last.mtp current.mtp

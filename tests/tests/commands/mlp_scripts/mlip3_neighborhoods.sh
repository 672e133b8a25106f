#!/bin/sh
# Active learning on atomic environments.
cp start.mtp pot.almtp
mpirun -n 2 mlp train pot.almtp train.cfg --save_to=tmp.almtp --iteration_limit=5 --al_mode=nbh
mv tmp.almtp pot.almtp
mpirun -n 1 mlp calculate_grade pot.almtp pool.cfg graded.cfg
test -f graded.cfg.0
grep -q 'nbh_grades$' graded.cfg.0
mpirun -n 1 mlp select_add pot.almtp train.cfg pool.cfg selected.cfg
mlp train pot.almtp train.cfg --iteration_limit=0
mlp calculate_grade pot.almtp train.cfg again.cfg
grep MV_grade again.cfg.0 | cut -f 2 | awk '{ if ($1 > 1.001) exit 1 }'
cp test.cfg result.cfg
mlp calculate_efs pot.almtp result.cfg
cp pot.almtp current.mtp

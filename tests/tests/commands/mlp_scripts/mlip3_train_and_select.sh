#!/bin/sh
# The potential keeps its selection state; every command leaves the exit code 0.
cp start.mtp V0.mtp
mlp train V0.mtp train.cfg --iteration_limit=5 --save_to=V1.mtp > log 2>&1
grep -q '^training complete$' log
grep -q 'Selection: state saved to "V1.mtp"' log
grep -q 'Stresses (in energy units):' log
mlp select_add V1.mtp train.cfg pool.cfg new.cfg
cat new.cfg >> train.cfg
mlp train V1.mtp train.cfg --iteration_limit=5 --al_mode=cfg --save_to=V2.mtp > log 2>&1
mlp check_errors V2.mtp train.cfg --report_to=report --log=each
test "$(wc -l < each.0)" -eq "$(grep -c BEGIN_CFG train.cfg)"
mlp calculate_efs V2.mtp test.cfg --output_filename=result.cfg
mv result.cfg.0 result.cfg
mv V2.mtp current.mtp

#!/bin/sh
# What a workflow manager puts together: options before files, the default name of the result, the old name of the state.
mlp train --energy-weight=1 --force-weight=0.1 --stress-weight=0.001 --max-iter=10 start.mtp train.cfg > training.log
test -f Trained.mtp_
mlp calc-grade Trained.mtp_ train.cfg pool.cfg grades.cfg --mvs-filename=state.mvs
test -f state.mvs
mlp select-add Trained.mtp_ train.cfg pool.cfg diff.cfg --selection-limit=2
test "$(grep -c BEGIN_CFG diff.cfg)" -le 2
mlp calc-errors Trained.mtp_ pool.cfg | grep 'Average absolute difference' | awk '{print $5}' > averages
test "$(wc -l < averages)" -eq 5
mlp calc-efs Trained.mtp_ test.cfg result.cfg
mv Trained.mtp_ current.mtp

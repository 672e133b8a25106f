#!/bin/sh
# Sets are put in order before they are trained on.
mlip3 mindist train.cfg | awk -F '=' '{print $2}' | grep -Eq '^ [0-9.]+$'
mlp mindist_filter train.cfg 0.8 clean.cfg
mlp filter_nonconv clean.cfg clean.cfg
mlp fix_cfg clean.cfg fixed.cfg
mlp replicate_cell fixed.cfg large.cfg 2 1 1
mlp remap_species fixed.cfg turned.cfg 2,0,1
mlp remap_species turned.cfg turned.cfg 1,2,0
cmp turned.cfg fixed.cfg
mlp subsample large.cfg few.cfg 2
mlp train start.mtp fixed.cfg --iteration_limit=8 --save_to=pot.almtp
mlp add_species pot.almtp 4 larger.almtp
mlp calculate_efs larger.almtp test.cfg --output_filename=result.cfg
mv result.cfg.0 result.cfg
mv larger.almtp current.mtp

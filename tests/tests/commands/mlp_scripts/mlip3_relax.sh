#!/bin/sh
# Relaxation under the eye of the grades.
cp start.mtp pot.almtp
mlp train pot.almtp train.cfg --iteration_limit=5 --al_mode=nbh > /dev/null
printf 'force_tolerance 0.05\nstress_tolerance 0\niteration_limit 5\n' > relax.ini
mlp relax pot.almtp pool.cfg relaxed.cfg --relaxation_settings=relax.ini --extrapolation_control=true \
    --threshold_save=1.2 --threshold_break=100 --save_extrapolative_to=seen.cfg
test "$(grep -c BEGIN_CFG relaxed.cfg)" -eq "$(grep -c BEGIN_CFG pool.cfg)"
mlp calculate_grade pot.almtp relaxed.cfg graded.cfg
mlp cut_extrapolative_nbh graded.cfg.0 cubes.cfg --cutoff=4 --threshold=1.2
cp test.cfg result.cfg
mlp calculate_efs pot.almtp result.cfg
cp pot.almtp current.mtp

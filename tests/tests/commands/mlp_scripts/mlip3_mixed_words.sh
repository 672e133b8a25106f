#!/bin/sh
# Options of both versions in one line, as old scripts have them.
mlip3 list | grep -q '^calculate_efs$'
cp start.mtp mixed.almtp
mlip3 train mixed.almtp train.cfg --energy-weight=1 --force-weight=0.1 --stress-weight=0.001 --max-iter=8 > log 2> notes
grep -q 'note: --force-weight counts here' notes
grep -q 'Force weight: 0.1' log
python3 - <<'P'
import re
report = open("log").read().split("_" * 17 + "Errors report")[1].splitlines()
for title in ("Energy per atom:", "Forces:"):
    at = report.index(title)
    assert float(report[at + 3][31:]) >= 0, report[at + 3]
P
mlip3 calculate_grade mixed.almtp pool.cfg out.cfg
python3 -c 'import re; assert len(re.findall(r"(?<=MV_grade\t)\d+.?\d*", open("out.cfg.0").read())) > 1'
mlip3 calculate_efs mixed.almtp test.cfg --output_filename=result.cfg
mv result.cfg.0 result.cfg
mv mixed.almtp current.mtp

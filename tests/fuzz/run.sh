#!/bin/sh
# Builds every fuzz target with the stable compiler and runs each for SECONDS (default 60) on seeds from the repository.
set -eu
seconds=${1:-60}
cd "$(dirname "$0")"
host=$(rustc -vV | sed -n 's/^host: //p')

RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares" \
    cargo build --locked --release --target "$host" --target-dir ../../target/fuzz

run() {
    target=$1
    longest=$2
    shift 2
    mkdir -p "corpus/$target" "artifacts/$target"
    for extension in "$@"; do
        for folder in ../tests/wellformed ../tests/malformed seeds ../../trainer/tests/structure_files; do
            find "$folder" -name "*$extension" -exec cp -t "corpus/$target" {} +
        done
    done
    "../../target/fuzz/$host/release/$target" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 \
        -max_len="$longest" -dict=dictionary.txt -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="artifacts/$target/" "corpus/$target"
}

run potential 8192 .mtp
run configurations 8192 .cfg
run states 20480 .mtps .als .almtp
run structures 8192 .cfg POSCAR XDATCAR .xyz .data .dump _relaxation _force_field .xml

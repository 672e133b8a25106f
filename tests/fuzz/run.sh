#!/bin/sh
# Builds all fuzz targets with the stable compiler and runs each for SECONDS (default 60) on seeds from the repository, or
# only those that are named:
#
#     tests/fuzz/run.sh [SECONDS] [TARGET...]
#
# With FUZZ_RUNS each has as many inputs instead, the same ones every time.
set -eu
seconds=${1:-60}
[ $# -eq 0 ] || shift
chosen=" $* "
cd "$(dirname "$0")"
host=$(rustc -vV | sed -n 's/^host: //p')

RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares" \
    cargo build --locked --release --target "$host" --target-dir ../../target/fuzz

# the malformed files of the tests stand in tables
rm -rf corpus/malformed
mkdir -p corpus/malformed
rustc --edition 2024 -o ../../target/fuzz/seeds seeds.rs
../../target/fuzz/seeds corpus/malformed

# run TARGET LONGEST DICTIONARY PATTERN...: bytes of an input at most, words to put into it, and names of files to begin with
run() {
    target=$1
    longest=$2
    dictionary=$3
    shift 3
    case $chosen in *" $target "* | "  ") ;; *) return 0 ;; esac
    mkdir -p "corpus/$target" "artifacts/$target"
    for pattern in "$@"; do
        for folder in ../../rust-core/tests corpus/malformed ../../trainer/tests/structure_files ../../examples seeds; do
            find "$folder" -type f -name "$pattern" -size -64k | while read -r file; do
                cp "$file" "corpus/$target/$(echo "$file" | sed 's|^[./]*||' | tr '/' '_')"
            done
        done
    done
    [ -n "$(ls "corpus/$target")" ] || { echo "$target: no file to begin with" >&2; exit 1; }
    limits=-max_total_time=$seconds
    told="$seconds s"
    if [ -n "${FUZZ_RUNS:-}" ]; then
        limits="-seed=1 -runs=$FUZZ_RUNS"
        told="$FUZZ_RUNS inputs"
    fi
    echo "== $target, $told"
    # shellcheck disable=SC2086 # one word or two
    "../../target/fuzz/$host/release/$target" $limits -rss_limit_mb=2048 -malloc_limit_mb=1024 \
        -timeout=10 -max_len="$longest" -dict="dictionaries/$dictionary.txt" -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="artifacts/$target/" "corpus/$target"
}

run potential 8192 core '*.mtp'
run evaluate 12288 core '*.mtp'
run configurations 8192 core '*.cfg'
run states 20480 core '*.mtps' '*.als' '*.almtp'
run outcar 16384 outcar '*OUTCAR*'
run vasprun 16384 vasprun '*vasprun*' '*.xml'
run poscar 4096 poscar '*POSCAR*' '*CONTCAR*'
run xdatcar 8192 poscar '*XDATCAR*'
run extxyz 8192 xyz '*.xyz' '*.extxyz'
run lammps_data 8192 lammps '*.data' 'data.*'
run lammps_dump 8192 lammps '*.dump' '*.lammpstrj'
run structures 8192 lammps '*.cfg' '*POSCAR*' '*XDATCAR*' '*.xyz' '*.data' '*.dump' '*OUTCAR*' '*.xml'

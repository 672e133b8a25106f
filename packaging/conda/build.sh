#!/usr/bin/env bash
# Builds mtprs for the LAMMPS in $PREFIX and installs it there, with scripts that make LAMMPS find the plugin in
# activated environments. rattler-build sets the variables; CMAKE_ARGS comes from its compilers.
set -euo pipefail

# what is linked into the command, with its licences
cargo-bundle-licenses --format yaml --output THIRDPARTY.yml

if [ -e "$PREFIX/include/lammps/pair.h" ]; then
    lammps=(-DLAMMPS_PREFIX="$PREFIX")
else
    lammps=(-DLAMMPS_SOURCE_DIR="$SRC_DIR/lammps-source")
fi
cmake_args=()
read -ra cmake_args <<< "${CMAKE_ARGS:-}"

cmake -S "$SRC_DIR" -B build -G Ninja "${cmake_args[@]}" \
    -DMTPRS_MLP=OFF -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_LIBDIR=lib \
    -DMTPRS_MPI_INCLUDE_DIR="$PREFIX/include" "${lammps[@]}"
cmake --build build -j "${CPU_COUNT:-1}"
cmake --install build --strip --prefix "$PREFIX"

for change in activate deactivate; do
    mkdir -p "$PREFIX/etc/conda/$change.d"
    cp "$RECIPE_DIR/$change.sh" "$PREFIX/etc/conda/$change.d/mtprs.sh"
done

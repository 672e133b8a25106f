#!/bin/sh
# Links the shared library of the Python package from the archive of the Rust library: all of it, of which only the
# functions of mtprs.h may be seen.
#
#     link_library.sh COMPILER ARCHIVE LIBRARY [ARGUMENT...]
set -eu
compiler=$1
archive=$2
library=$3
shift 3
"$compiler" -shared -o "$library" -Wl,--whole-archive "$archive" -Wl,--no-whole-archive \
    -Wl,--version-script="$(dirname "$0")/exported_symbols.map" -Wl,--gc-sections -Wl,--no-undefined \
    "$@" -lpthread -ldl -lm

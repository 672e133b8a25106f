# LAMMPS installed under a prefix: include/lammps, lib/liblammps.so, bin/lmp. The last two are only looked at.

find_path(LAMMPS_HEADERS pair.h HINTS ${LAMMPS_PREFIX}/include/lammps NO_DEFAULT_PATH NO_CACHE)
find_library(liblammps NAMES lammps lammps_mpi lammps_serial HINTS ${LAMMPS_PREFIX} PATH_SUFFIXES lib lib64
             NO_DEFAULT_PATH NO_CACHE)
find_program(lmp NAMES lmp lmp_mpi lmp_serial HINTS ${LAMMPS_PREFIX}/bin NO_DEFAULT_PATH NO_CACHE)
foreach(piece LAMMPS_HEADERS liblammps)
  if(NOT ${piece})
    message(FATAL_ERROR "LAMMPS_PREFIX=${LAMMPS_PREFIX} is not an installed LAMMPS with a shared library: expected "
                        "include/lammps/pair.h and lib/liblammps.so")
  endif()
endforeach()

get_filename_component(library_folder ${liblammps} DIRECTORY)
if(lmp)
  mtprs_ask_lammps(${lmp} ${library_folder})
endif()
mtprs_detect_cxx11_abi(${liblammps})
mtprs_find_mpi_header(${LAMMPS_PREFIX}/include)

# LAMMPS of 2026 installs citeme.h without a header that it includes: then a run does not say what to cite.
file(STRINGS ${LAMMPS_HEADERS}/citeme.h needed REGEX "#include \"safe_pointers.h\"")
if(needed AND NOT EXISTS ${LAMMPS_HEADERS}/safe_pointers.h)
  set(MTPRS_WITHOUT_CITEME ON)
endif()

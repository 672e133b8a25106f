# A LAMMPS source tree, for someone who compiles LAMMPS too. Version and descriptor are found where LAMMPS's own build
# finds them: src/version.h, and git.

set(source ${LAMMPS_SOURCE_DIR})
if(EXISTS ${source}/src/pair.h)
  set(source ${source}/src)
endif()
if(NOT EXISTS ${source}/pair.h)
  message(FATAL_ERROR "LAMMPS_SOURCE_DIR=${LAMMPS_SOURCE_DIR} is not a LAMMPS source tree: expected src/pair.h")
endif()
set(LAMMPS_HEADERS ${source})

if(NOT LAMMPS_VERSION AND EXISTS ${source}/version.h)
  file(STRINGS ${source}/version.h line REGEX "LAMMPS_VERSION")
  if(line MATCHES "\"([^\"]+)\"")
    set(LAMMPS_VERSION "${CMAKE_MATCH_1}")
  endif()
endif()

if(NOT LAMMPS_GIT_DESCRIPTOR)
  set(LAMMPS_GIT_DESCRIPTOR "(unknown)") # what LAMMPS built outside git says of itself
  find_package(Git QUIET)
  if(GIT_FOUND AND EXISTS ${source}/../.git)
    execute_process(COMMAND ${GIT_EXECUTABLE} describe --dirty=-modified --always WORKING_DIRECTORY ${source}
                    OUTPUT_VARIABLE description OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE result ERROR_QUIET)
    if(result EQUAL 0)
      set(LAMMPS_GIT_DESCRIPTOR "${description}")
    endif()
  endif()
endif()

mtprs_find_mpi_header()

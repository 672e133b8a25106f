# Puts a plugin that was built into the folder that the wheel gets, with what mtprs/lammps.py chooses it by. Arguments:
#
#   cmake -DBUILT=folder -DPLUGINS=folder -DPYTHON=python -P collect_plugin.cmake

include(${CMAKE_CURRENT_LIST_DIR}/WheelLammps.cmake)

file(READ ${BUILT}/lammps.json facts)
mtprs_identify_lammps(identity ${PYTHON})
if(NOT identity)
  message(FATAL_ERROR "the LAMMPS of ${PYTHON} is gone")
endif()
foreach(name distribution library)
  string(JSON value GET "${identity}" ${name})
  string(JSON facts SET "${facts}" ${name} "\"${value}\"")
endforeach()
string(JSON descriptor GET "${facts}" git_descriptor)
file(COPY ${BUILT}/mtprsplugin.so DESTINATION ${PLUGINS}/${descriptor})
file(WRITE ${PLUGINS}/${descriptor}/lammps.json "${facts}\n")

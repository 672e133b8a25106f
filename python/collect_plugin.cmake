# Puts the plugin into the folder that the wheel gets, with builds.json, the list of what it holds, which
# mtprs/lammps/plugins.py reads. Arguments:
#
#   cmake -DBUILT=FOLDER,... -DWHEELS=file -DPLUGINS=folder -P collect_plugin.cmake
#
# BUILT are the build folders, the last one with the plugin. WHEELS holds what WheelLammps.cmake found out about all
# Pythons, also those whose LAMMPS another one has.

string(REPLACE "," ";" BUILT "${BUILT}")
file(READ ${WHEELS} identities)
string(JSON count LENGTH "${identities}")
set(builds "[]")
set(number 0)
foreach(folder IN LISTS BUILT)
  file(READ ${folder}/lammps.json build)
  string(JSON descriptor GET "${build}" git_descriptor)
  set(wheels "{}")
  math(EXPR last "${count} - 1")
  foreach(k RANGE ${last})
    string(JSON other GET "${identities}" ${k} git_descriptor)
    if(other STREQUAL descriptor)
      string(JSON distribution GET "${identities}" ${k} distribution)
      string(JSON library GET "${identities}" ${k} library)
      string(JSON wheels SET "${wheels}" ${distribution} "\"${library}\"")
    endif()
  endforeach()
  string(JSON build SET "${build}" wheels "${wheels}")
  string(JSON builds SET "${builds}" ${number} "${build}")
  math(EXPR number "${number} + 1")
endforeach()
list(POP_BACK BUILT with_plugin)
file(COPY ${with_plugin}/mtprsplugin.so DESTINATION ${PLUGINS})
file(WRITE ${PLUGINS}/builds.json "${builds}\n")

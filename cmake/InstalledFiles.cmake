# Installs what is not built: licences, documentation, the examples of the C library and an environment module, as Lua
# (Lmod) and as Tcl (Lmod and Environment Modules). The module finds its prefix from its own place.

install(FILES LICENSE LICENSE-MIT LICENSE-APACHE DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/mtprs COMPONENT files)
install(FILES README.md CHANGELOG.md CITATION.cff DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT files)
install(DIRECTORY examples/c examples/cpp DESTINATION ${CMAKE_INSTALL_DATADIR}/mtprs/examples COMPONENT files)

set(module_folder ${CMAKE_INSTALL_DATADIR}/modulefiles/mtprs)
file(RELATIVE_PATH up "/${module_folder}" "/")
string(REGEX REPLACE "/$" "" up "${up}")
if(TARGET mtprsplugin)
  set(plugin_folder ${CMAKE_INSTALL_LIBDIR}/lammps/plugins)
  set(plugin_lua "prepend_path(\"LAMMPS_PLUGIN_PATH\", pathJoin(prefix, \"${plugin_folder}\"))\n")
  set(plugin_tcl "prepend-path LAMMPS_PLUGIN_PATH \"\$prefix/${plugin_folder}\"\n")
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/modulefile.lua.in modulefile.lua @ONLY)
configure_file(${CMAKE_CURRENT_LIST_DIR}/modulefile.in modulefile @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/modulefile.lua DESTINATION ${module_folder} RENAME ${mtprs_version}.lua
        COMPONENT files)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/modulefile DESTINATION ${module_folder} RENAME ${mtprs_version}
        COMPONENT files)

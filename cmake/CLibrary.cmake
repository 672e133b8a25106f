# Makes and installs libmtprs.a and libmtprs.so from the archive of the Rust library, and what finds them: the CMake
# package mtprs and mtprs.pc.

include(CMakePackageConfigHelpers)

include(${CMAKE_CURRENT_LIST_DIR}/CObject.cmake)

# $<BUILD_INTERFACE> and installed targets get the same properties.
function(mtprs_c_library name)
  add_dependencies(${name} mtprs_object)
  target_include_directories(${name} INTERFACE $<BUILD_INTERFACE:${MTPRS_ROOT}/rust-core/capi/include>
                                               $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  set_target_properties(${name} PROPERTIES OUTPUT_NAME mtprs LINKER_LANGUAGE C)
  add_library(mtprs::${name} ALIAS ${name})
endfunction()

add_library(mtprs STATIC ${mtprs_object_file})
mtprs_c_library(mtprs)
target_link_libraries(mtprs INTERFACE pthread dl m)
set(installed_libraries mtprs)

if(MTPRS_SHARED)
  add_library(mtprs_shared SHARED ${mtprs_object_file})
  mtprs_c_library(mtprs_shared)
  target_link_libraries(mtprs_shared PRIVATE pthread dl m)
  target_link_options(mtprs_shared PRIVATE -Wl,--gc-sections -Wl,--no-undefined -Wl,-z,relro,-z,now)
  set_target_properties(mtprs_shared PROPERTIES VERSION ${mtprs_version} SOVERSION ${mtprs_abi_version})
  list(APPEND installed_libraries mtprs_shared)
endif()

install(TARGETS ${installed_libraries} EXPORT mtprsTargets COMPONENT library)
install(FILES ${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/mtprs)
install(EXPORT mtprsTargets NAMESPACE mtprs:: DESTINATION ${package_folder} COMPONENT library)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/mtprsConfig.cmake.in mtprsConfig.cmake
                              INSTALL_DESTINATION ${package_folder} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(mtprsConfigVersion.cmake VERSION ${mtprs_version} COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/mtprsConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/mtprsConfigVersion.cmake
        DESTINATION ${package_folder} COMPONENT library)

# From lib/pkgconfig to the prefix, so that the whole may be moved.
file(RELATIVE_PATH up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" up "${up}")
foreach(name mtprs mtprs-static)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/${name}.pc.in ${name}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)
endforeach()

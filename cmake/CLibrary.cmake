# Makes and installs libmtprs.a and libmtprs.so from the archive of the Rust library, and what finds them: the CMake
# package mtprs and mtprs.pc.
#
# Both hold one object in which only the functions of mtprs.h are global. The archive as cargo leaves it shows all of
# Rust's runtime: two such archives in one program would be in each other's way.

include(CMakePackageConfigHelpers)

set(header ${MTPRS_ROOT}/rust-core/capi/include/mtprs.h)
file(STRINGS ${header} declarations REGEX "^[a-z].*[ *]mtprs_[a-z_]+\\(")
set(roots "")
foreach(declaration IN LISTS declarations)
  string(REGEX REPLACE "^.*[ *](mtprs_[a-z_]+)\\(.*" "\\1" function "${declaration}")
  list(APPEND roots -u ${function})
endforeach()

# The bitcode that comes with Rust's own objects stops being readable where the linker joins several.
set(joined ${CMAKE_CURRENT_BINARY_DIR}/mtprs_joined.o)
set(object ${CMAKE_CURRENT_BINARY_DIR}/mtprs.o)
add_custom_command(OUTPUT ${object}
  COMMAND ${CMAKE_LINKER} -r ${roots} -o ${joined} ${archive}
  COMMAND ${CMAKE_OBJCOPY} --strip-debug --remove-section=.llvmbc --remove-section=.llvmcmd
          --wildcard --keep-global-symbol=mtprs_* ${joined} ${object}
  COMMAND ${CMAKE_COMMAND} -E rm ${joined}
  DEPENDS mtprs_capi_build ${archive} ${header}
  COMMENT "Hiding all but the C interface"
  VERBATIM)
set_source_files_properties(${object} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
add_custom_target(mtprs_object DEPENDS ${object})

# $<BUILD_INTERFACE> and installed targets get the same properties.
function(mtprs_c_library name)
  add_dependencies(${name} mtprs_object)
  target_include_directories(${name} INTERFACE $<BUILD_INTERFACE:${MTPRS_ROOT}/rust-core/capi/include>
                                               $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  set_target_properties(${name} PROPERTIES OUTPUT_NAME mtprs LINKER_LANGUAGE C)
  add_library(mtprs::${name} ALIAS ${name})
endfunction()

add_library(mtprs STATIC ${object})
mtprs_c_library(mtprs)
target_link_libraries(mtprs INTERFACE pthread dl m)
set(installed_libraries mtprs)

if(MTPRS_SHARED)
  add_library(mtprs_shared SHARED ${object})
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

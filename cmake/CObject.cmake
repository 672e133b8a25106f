# Makes the file `mtprs_object_file`, one object of the Rust library in which only the functions of mtprs.h are global.
# The archive as cargo leaves it shows all of Rust's runtime: two such archives in one program would be in each other's
# way.

set(header ${MTPRS_ROOT}/rust-core/capi/include/mtprs.h)
file(STRINGS ${header} declarations REGEX "^[a-z].*[ *]mtprs_[a-z_]+\\(")
set(roots "")
foreach(declaration IN LISTS declarations)
  string(REGEX REPLACE "^.*[ *](mtprs_[a-z_]+)\\(.*" "\\1" function "${declaration}")
  list(APPEND roots -u ${function})
endforeach()

# The bitcode that comes with Rust's own objects stops being readable where the linker joins several.
set(joined ${CMAKE_CURRENT_BINARY_DIR}/mtprs_joined.o)
# Leaves out what no function of mtprs.h needs; other linkers refuse that here.
execute_process(COMMAND ${CMAKE_LINKER} --version OUTPUT_VARIABLE linker_version ERROR_QUIET)
set(leave_out "")
if(linker_version MATCHES "GNU ld")
  set(leave_out --gc-sections)
endif()
set(mtprs_object_file ${CMAKE_CURRENT_BINARY_DIR}/mtprs.o)
add_custom_command(OUTPUT ${mtprs_object_file}
  COMMAND ${CMAKE_LINKER} -r ${leave_out} ${roots} -o ${joined} ${archive}
  COMMAND ${CMAKE_OBJCOPY} --strip-debug --strip-unneeded --remove-section=.llvmbc --remove-section=.llvmcmd
          --wildcard --keep-global-symbol=mtprs_* ${joined} ${mtprs_object_file}
  COMMAND ${CMAKE_COMMAND} -E rm ${joined}
  DEPENDS mtprs_capi_build ${archive} ${header}
  COMMENT "Hiding all but the C interface"
  VERBATIM)
set_source_files_properties(${mtprs_object_file} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
add_custom_target(mtprs_object DEPENDS ${mtprs_object_file})

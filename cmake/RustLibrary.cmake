# Makes the target mtprs::capi: the Rust library as a static archive with its C header. Cargo decides what is out of
# date; it is asked at every build and touches the archive only when something changed. MTPRS_LIBRARY names an archive
# that is there already, as in the wheel: then no Rust is needed.

include_guard(DIRECTORY)
include(${CMAKE_CURRENT_LIST_DIR}/MtprsVersion.cmake)

set(MTPRS_LIBRARY "" CACHE FILEPATH "libmtprs.a of this version, if it is not to be built")
if(MTPRS_LIBRARY)
  set(archive ${MTPRS_LIBRARY})
  add_custom_target(mtprs_capi_build)
else()
  include(${CMAKE_CURRENT_LIST_DIR}/Cargo.cmake)
  set(archive ${cargo_output_folder}/libmtprs_capi.a)
  add_custom_target(mtprs_capi_build
    COMMAND ${cargo_build} -p mtprs-capi
    WORKING_DIRECTORY ${MTPRS_ROOT}
    BYPRODUCTS ${archive}
    USES_TERMINAL
    COMMENT "Building the Rust library")
endif()

add_library(mtprs_capi STATIC IMPORTED)
set_target_properties(mtprs_capi PROPERTIES
  IMPORTED_LOCATION ${archive}
  INTERFACE_INCLUDE_DIRECTORIES ${MTPRS_ROOT}/rust-core/capi/include
  INTERFACE_LINK_LIBRARIES "pthread;dl;m")
add_dependencies(mtprs_capi mtprs_capi_build)
add_library(mtprs::capi ALIAS mtprs_capi)

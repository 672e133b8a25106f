# Makes the target mtprs::capi: the Rust library as a static archive with its C header. Cargo decides what is out of
# date; it is asked at every build and touches the archive only when something changed.

include_guard(DIRECTORY)
include(${CMAKE_CURRENT_LIST_DIR}/MtprsVersion.cmake)

find_program(CARGO cargo HINTS $ENV{CARGO_HOME}/bin $ENV{HOME}/.cargo/bin REQUIRED)
set(MTPRS_CARGO_ARGUMENTS "--locked" CACHE STRING "Further arguments of cargo build, for example --locked;--offline")
set(MTPRS_CARGO_PROFILE release CACHE STRING "Profile of cargo: release, or dev with the checks of the tests")

set(cargo_target_folder ${MTPRS_ROOT}/target)
if(DEFINED ENV{CARGO_TARGET_DIR})
  get_filename_component(cargo_target_folder $ENV{CARGO_TARGET_DIR} ABSOLUTE BASE_DIR ${MTPRS_ROOT})
endif()
set(cargo_build ${CARGO} build --profile ${MTPRS_CARGO_PROFILE} --target-dir ${cargo_target_folder}
                ${MTPRS_CARGO_ARGUMENTS})
set(cargo_output_folder ${cargo_target_folder})
if(DEFINED ENV{CARGO_BUILD_TARGET}) # as the compilers of conda-forge set it
  list(APPEND cargo_build --target $ENV{CARGO_BUILD_TARGET})
  string(APPEND cargo_output_folder /$ENV{CARGO_BUILD_TARGET})
endif()
if(MTPRS_CARGO_PROFILE STREQUAL "dev")
  string(APPEND cargo_output_folder /debug)
else()
  string(APPEND cargo_output_folder /${MTPRS_CARGO_PROFILE})
endif()
set(archive ${cargo_output_folder}/libmtprs_capi.a)

add_custom_target(mtprs_capi_build
  COMMAND ${cargo_build} -p mtprs-capi
  WORKING_DIRECTORY ${MTPRS_ROOT}
  BYPRODUCTS ${archive}
  USES_TERMINAL
  COMMENT "Building the Rust library")

add_library(mtprs_capi STATIC IMPORTED)
set_target_properties(mtprs_capi PROPERTIES
  IMPORTED_LOCATION ${archive}
  INTERFACE_INCLUDE_DIRECTORIES ${MTPRS_ROOT}/rust-core/capi/include
  INTERFACE_LINK_LIBRARIES "pthread;dl;m")
add_dependencies(mtprs_capi mtprs_capi_build)
add_library(mtprs::capi ALIAS mtprs_capi)

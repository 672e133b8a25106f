# Sets cargo_build, the command line that builds packages of this project, and cargo_output_folder, where it puts them.

include_guard(DIRECTORY)

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

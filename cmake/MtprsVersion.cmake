# Sets mtprs_version, from Cargo.toml, and mtprs_abi_version, the number of the C interface, from mtprs.h.

get_filename_component(MTPRS_ROOT ${CMAKE_CURRENT_LIST_DIR}/.. ABSOLUTE)

file(STRINGS ${MTPRS_ROOT}/Cargo.toml line REGEX "^version = " LIMIT_COUNT 1)
string(REGEX REPLACE ".*\"([^\"]+)\".*" "\\1" mtprs_version "${line}")

file(STRINGS ${MTPRS_ROOT}/rust-core/capi/include/mtprs.h line REGEX "^#define MTPRS_ABI_VERSION ")
string(REGEX REPLACE "^#define MTPRS_ABI_VERSION ([0-9]+).*" "\\1" mtprs_abi_version "${line}")

set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
             ${MTPRS_ROOT}/Cargo.toml ${MTPRS_ROOT}/rust-core/capi/include/mtprs.h)

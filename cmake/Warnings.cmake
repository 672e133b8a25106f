# Sets mtprs_warnings, the compiler's options for warnings. Compilers learn to warn of more with every release: only
# `.ci/run` ends at a warning, not the builds of users. The environment variable of the same name sets the option, too.
option(MTPRS_WARNINGS_AS_ERRORS "Treat warnings of the C++ compiler as errors" OFF)
if(DEFINED ENV{MTPRS_WARNINGS_AS_ERRORS})
  set(MTPRS_WARNINGS_AS_ERRORS $ENV{MTPRS_WARNINGS_AS_ERRORS})
endif()

set(mtprs_warnings -Wall -Wextra)
if(MTPRS_WARNINGS_AS_ERRORS)
  list(APPEND mtprs_warnings -Werror)
endif()

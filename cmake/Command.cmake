# Builds the command mtprs and installs it with its manual pages and completions. The crate that MTPRS_MPI brings in
# finds the MPI by the environment variable MPICC, or by mpicc on the PATH.

include(${CMAKE_CURRENT_LIST_DIR}/Manual.cmake)

if(EXISTS "${MTPRS_COMMAND}")
  set(command ${MTPRS_COMMAND})
  add_custom_target(mtprs_command)
else()
  include(${CMAKE_CURRENT_LIST_DIR}/Cargo.cmake)
  set(features "")
  if(MTPRS_MPI)
    set(features --features mpi)
  endif()
  set(command ${cargo_output_folder}/mtprs)
  add_custom_target(mtprs_command ALL
    COMMAND ${cargo_build} -p mtprs ${features}
    WORKING_DIRECTORY ${MTPRS_ROOT}
    BYPRODUCTS ${command}
    USES_TERMINAL
    COMMENT "Building the command mtprs")
  # one cargo after the other: they would wait for each other's lock
  add_dependencies(mtprs_command mtprs_capi_build)
endif()

install(PROGRAMS ${command} DESTINATION ${CMAKE_INSTALL_BINDIR} RENAME mtprs COMPONENT command)
# `cmake --install --strip` knows its own targets only
install(CODE "
  if(CMAKE_INSTALL_DO_STRIP)
    execute_process(COMMAND \"${CMAKE_STRIP}\" \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/mtprs\"
                    COMMAND_ERROR_IS_FATAL ANY)
  endif()" COMPONENT command)

if(MTPRS_MLP)
  install(CODE "file(CREATE_LINK mtprs \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/mlp\" SYMBOLIC)"
          COMPONENT command)
endif()

# The command writes them itself, which a program for another machine cannot do here.
if(NOT CMAKE_CROSSCOMPILING)
  mtprs_manual(${command})
  install(DIRECTORY ${written}/man1 DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT command)
  install(FILES ${written}/mtprs.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME mtprs
          COMPONENT command)
  install(FILES ${written}/mtprs.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions RENAME _mtprs
          COMPONENT command)
  install(FILES ${written}/mtprs.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT command)
endif()

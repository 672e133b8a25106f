/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   Entry point of mtprsplugin.so: finds the build for the running LAMMPS among those in the file and
   lets it register its pair styles.
------------------------------------------------------------------------- */

#include "build_choice.h"

// The table of builds, which the linker puts together.
extern "C" __attribute__((visibility("hidden"))) const lammps_build *const __start_mtprs_builds[];
extern "C" __attribute__((visibility("hidden"))) const lammps_build *const __stop_mtprs_builds[];

// The Error class is the same within a release, and Python can catch what it throws. Beyond, not
// even std::string may be laid out alike.
static void stop(void *lmp, const RunningLAMMPS &running, const Builds &builds,
                 const std::string &problem)
{
  for (const lammps_build *build : builds)
    if (build->version_number == running.version_number &&
        build->cxx11_strings == running.cxx11_strings)
      build->fail(lmp, problem.c_str());
  RunningLAMMPS::stop(lmp, problem);
}

extern "C" __attribute__((visibility("default"))) void lammpsplugin_init(void *lmp, void *handle,
                                                                         void *register_function)
{
  const Builds builds(__start_mtprs_builds, __stop_mtprs_builds);
  const RunningLAMMPS running(lmp);
  const BuildChoice choice(running, builds);
  if (choice.build)
    choice.build->register_styles(lmp, handle, register_function);
  else
    stop(lmp, running, builds, choice.problem);
}

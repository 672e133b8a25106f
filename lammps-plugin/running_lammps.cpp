/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "running_lammps.h"

#include <cstdlib>
#include <cstring>
#include <dlfcn.h>

extern "C" {
// of LAMMPS's C library interface
int lammps_version(void *lmp);
int lammps_extract_setting(void *lmp, const char *name);
int lammps_config_has_mpi_support();
void lammps_error(void *lmp, int where, const char *problem);

// LAMMPS::git_descriptor(), a static function
const char *git_descriptor_of_lammps() __asm__("_ZN9LAMMPS_NS6LAMMPS14git_descriptorEv");

// a LAMMPS without MPI lacks it
__attribute__((weak)) int MPI_Get_library_version(char *text, int *length);
}

// LMP_ERROR_ALL | LMP_ERROR_WORLD
static constexpr int ERROR_ON_ALL_RANKS = 2 | 4;

// LAMMPS has this function once, with the strings that it was compiled with.
static int kind_of_strings()
{
  static constexpr char NEW[] = "_ZN9LAMMPS_NS5utils7logmesgEPNS_6LAMMPSERKNSt7__"
                                "cxx1112basic_stringIcSt11char_traitsIcESaIcEEE";
  static constexpr char OLD[] = "_ZN9LAMMPS_NS5utils7logmesgEPNS_6LAMMPSERKSs";
  if (dlsym(RTLD_DEFAULT, NEW)) return 1;
  return dlsym(RTLD_DEFAULT, OLD) ? 0 : -1;
}

RunningLAMMPS::RunningLAMMPS(void *lmp) :
    version_number(lammps_version(lmp)), git_descriptor(git_descriptor_of_lammps()),
    tag_bytes(lammps_extract_setting(lmp, "tagint")),
    step_bytes(lammps_extract_setting(lmp, "bigint")),
    image_bytes(lammps_extract_setting(lmp, "imageint")), cxx11_strings(kind_of_strings())
{
  if (!lammps_config_has_mpi_support() || !MPI_Get_library_version) {
    mpi = mpi_version = "no MPI";
    return;
  }
  char text[1 << 15] = {};    // more than any MPI writes
  int length = 0;
  MPI_Get_library_version(text, &length);
  mpi = strstr(text, "Open MPI") ? "Open MPI" : "MPICH";
  mpi_version = std::string(text, strcspn(text, ",\n"));
}

void RunningLAMMPS::stop(void *lmp, const std::string &problem)
{
  lammps_error(lmp, ERROR_ON_ALL_RANKS, problem.c_str());
  std::exit(1);    // it has not come back so far
}

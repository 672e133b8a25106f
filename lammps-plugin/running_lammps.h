/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   The LAMMPS that loads the plugin, as it is told apart from others. Nothing here is compiled with
   headers of LAMMPS or MPI, since which LAMMPS it is turns out here; it calls functions whose
   interface has been the same for years.
------------------------------------------------------------------------- */

#ifndef MTPRS_RUNNING_LAMMPS_H
#define MTPRS_RUNNING_LAMMPS_H

#include <string>

struct RunningLAMMPS {
  int version_number;            // 20250722
  std::string git_descriptor;    // "(unknown)" if it was built outside git
  int tag_bytes, step_bytes, image_bytes;
  std::string mpi;            // as in lammps_build
  std::string mpi_version;    // what it says of itself
  int cxx11_strings;          // as in lammps_build, -1 if that cannot be told

  explicit RunningLAMMPS(void *lmp);

  // Stops all ranks. The function of LAMMPS's C library interface: it ends the program.
  [[noreturn]] static void stop(void *lmp, const std::string &problem);
};

#endif

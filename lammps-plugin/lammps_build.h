/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   What mtprsplugin.so holds for one LAMMPS: the pair styles compiled with its headers, and what
   that LAMMPS is known by. A file may hold several builds; mtprsplugin.cpp takes the one that fits.
------------------------------------------------------------------------- */

#ifndef MTPRS_LAMMPS_BUILD_H
#define MTPRS_LAMMPS_BUILD_H

// The layout of integers, and the interface of MPI, with which LAMMPS was compiled.
struct lammps_build {
  const char *version;           // "22 Jul 2025"
  int version_number;            // 20250722
  const char *git_descriptor;    // "stable_22Jul2025_update4"
  int tag_bytes;                 // of atom IDs
  int step_bytes;                // of step numbers
  int image_bytes;               // of image flags
  const char *mpi;               // "MPICH" (Intel MPI has the same types), "Open MPI", "no MPI"
  int cxx11_strings;             // 1 if std::string is that of _GLIBCXX_USE_CXX11_ABI=1
  unsigned library_interface;    // MTPRS_ABI_VERSION of the mtprs.h that was used

  void (*fail)(void *lmp, const char *problem);    // stops all ranks; Python can catch it
  void (*register_styles)(void *lmp, void *handle, void *register_function);
};

#endif

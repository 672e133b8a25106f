/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   Which of the builds in mtprsplugin.so fits the running LAMMPS.
------------------------------------------------------------------------- */

#ifndef MTPRS_BUILD_CHOICE_H
#define MTPRS_BUILD_CHOICE_H

#include "lammps_build.h"
#include "running_lammps.h"

#include <string>
#include <vector>

using Builds = std::vector<const lammps_build *>;

struct BuildChoice {
  const lammps_build *build = nullptr;    // none if no build fits
  std::string problem;                    // then why, and what to do

  BuildChoice(const RunningLAMMPS &running, Builds builds);
};

#endif

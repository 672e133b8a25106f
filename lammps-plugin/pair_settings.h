/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   The words behind pair_style mtp/rs.
------------------------------------------------------------------------- */

#ifndef MTPRS_PAIR_SETTINGS_H
#define MTPRS_PAIR_SETTINGS_H

#include "selection_settings.h"

#include <string>
#include <vector>

namespace LAMMPS_NS {

// What pair_style asks for.
struct PairSettings {
  PairSettings();

  std::vector<std::string> species;    // from the species keyword; empty if it was not given
  int threads;                         // on each rank, the calling one included
  int precision;                       // MTPRS_PRECISION_...
  SelectionSettings selection;
};

// Reads the words behind pair_style mtp/rs. Returns what is wrong, or nothing.
std::string parse_pair_settings(int narg, char **arg, PairSettings &settings);

}    // namespace LAMMPS_NS

#endif

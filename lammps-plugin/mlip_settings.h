/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   What pair_style mlip is told: in the settings file of MLIP-2, or in words of MLIP-3.
------------------------------------------------------------------------- */

#ifndef MTPRS_MLIP_SETTINGS_H
#define MTPRS_MLIP_SETTINGS_H

#include "selection_settings.h"

#include <string>
#include <vector>

namespace LAMMPS_NS {

// What is asked for.
struct MLIPSettings {
  std::string potential;              // mtp-filename, load_from
  SelectionSettings selection;        // empty unless select or extrapolation_control is true
  std::vector<std::string> unused;    // keys that were given but change nothing, and their file
};

// Reads the text of an mlip.ini file: one "key value" per line, '#' starts a comment. Returns what
// is wrong, with file and line, or nothing. Misspelt keys are errors: a run that silently ignores
// them does something else than asked.
std::string parse_mlip_settings(const std::string &text, const std::string &file_name,
                                MLIPSettings &settings);

// Reads words like load_from=pot.almtp, those behind pair_style mlip of MLIP-3, in any order. Returns
// what is wrong, or nothing.
std::string parse_mlip_words(const std::vector<std::string> &words, MLIPSettings &settings);

}    // namespace LAMMPS_NS

#endif

/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   The settings file of pair_style mlip.
------------------------------------------------------------------------- */

#ifndef MTPRS_MLIP_SETTINGS_H
#define MTPRS_MLIP_SETTINGS_H

#include "selection_settings.h"

#include <string>
#include <vector>

namespace LAMMPS_NS {

// What an mlip.ini file asks for.
struct MLIPSettings {
  std::string potential;              // mtp-filename
  SelectionSettings selection;        // empty unless select is TRUE
  std::vector<std::string> unused;    // keys that were given but change nothing, in file order
};

// Reads the text of an mlip.ini file: one "key value" per line, '#' starts a comment. Returns what
// is wrong, with file and line, or nothing. Misspelt keys are errors: a run that silently ignores
// them does something else than asked.
std::string parse_mlip_settings(const std::string &text, const std::string &file_name,
                                MLIPSettings &settings);

}    // namespace LAMMPS_NS

#endif

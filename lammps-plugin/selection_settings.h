/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   The keywords of pair_style for extrapolation grades, and what is wrong with them together.
------------------------------------------------------------------------- */

#ifndef MTPRS_SELECTION_SETTINGS_H
#define MTPRS_SELECTION_SETTINGS_H

#include "keywords.h"

#include <limits>
#include <string>

namespace LAMMPS_NS {

// What a user asks for concerning extrapolation grades.
struct SelectionSettings {
  static constexpr double NEVER = std::numeric_limits<double>::infinity();

  std::string state;                  // file; empty: there are no grades
  std::string mode;                   // configuration or neighborhood; empty: that of the state
  int every = 1;                      // steps between grades; 0: only when fix pair asks
  double select_threshold = NEVER;    // grade from which a configuration is saved
  double break_threshold = NEVER;     // grade from which the run stops
  std::string save;                   // file of the saved configurations
};

// Keywords: state, mode, every, select, break, save.
const KeywordTable<SelectionSettings> &selection_keywords();

// What a threshold is to be, for messages, and whether a word is that: then the threshold is set.
inline constexpr char EXPECTED_THRESHOLD[] = "a positive grade";
bool take_threshold(const std::string &word, double &threshold);

// What is wrong with the settings as a whole, or nothing.
std::string contradiction(const SelectionSettings &settings);

}    // namespace LAMMPS_NS

#endif

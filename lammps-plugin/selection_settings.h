/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#ifndef MTPRS_SELECTION_SETTINGS_H
#define MTPRS_SELECTION_SETTINGS_H

#include <limits>
#include <string>

namespace LAMMPS_NS {

// What a user asks for concerning extrapolation grades.
struct SelectionSettings {
  static constexpr double NEVER = std::numeric_limits<double>::infinity();

  std::string state;    // file; empty: there are no grades
  std::string mode;     // configuration or neighborhood; empty: whichever the state has
  int every = 1;        // steps between grades; 0: only when fix pair asks
  double select_threshold = NEVER;    // grade from which a configuration is saved
  double break_threshold = NEVER;     // grade from which the run stops
  std::string save;                   // file of the saved configurations
};

// Whether take_selection_keyword() knows the keyword.
bool is_selection_keyword(const std::string &keyword);

// Takes a pair_style keyword with its value; nullptr stands for the end of the line. Returns what
// is wrong, or nothing.
std::string take_selection_keyword(const std::string &keyword, const char *value,
                                   SelectionSettings &settings);

// Takes a threshold, called name in messages. Returns what is wrong, or nothing.
std::string take_threshold(const std::string &name, const std::string &value, double &threshold);

// What is wrong with the settings as a whole, or nothing.
std::string contradiction(const SelectionSettings &settings);

}    // namespace LAMMPS_NS

#endif

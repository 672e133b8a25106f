/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "selection_settings.h"

#include <cmath>
#include <cstdlib>

using namespace LAMMPS_NS;

static bool take_file(const std::string &word, std::string &file)
{
  file = word;
  // a forgotten name would make the next keyword a file
  return !word.empty() && !keyword_called(word, selection_keywords());
}

static bool take_mode(const std::string &word, std::string &mode)
{
  mode = word;
  return word == "configuration" || word == "neighborhood";
}

static bool take_every(const std::string &word, int &every)
{
  const bool is_number = !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number || word.size() > 9) return false;
  every = std::stoi(word);
  return true;
}

bool LAMMPS_NS::take_threshold(const std::string &word, double &threshold)
{
  char *end = nullptr;
  threshold = strtod(word.c_str(), &end);
  return !word.empty() && *end == '\0' && std::isfinite(threshold) && threshold > 0.0;
}

const KeywordTable<SelectionSettings> &LAMMPS_NS::selection_keywords()
{
  using Settings = SelectionSettings;
  static const KeywordTable<Settings> TABLE = {
      {"state", 1, "a file",
       [](const Words &values, Settings &to) { return take_file(values[0], to.state); }},
      {"mode", 1, "configuration or neighborhood",
       [](const Words &values, Settings &to) { return take_mode(values[0], to.mode); }},
      {"every", 1, "a number of steps (0: only when fix pair asks)",
       [](const Words &values, Settings &to) { return take_every(values[0], to.every); }},
      {"select", 1, EXPECTED_THRESHOLD,
       [](const Words &values, Settings &to) {
         return take_threshold(values[0], to.select_threshold);
       }},
      {"break", 1, EXPECTED_THRESHOLD,
       [](const Words &values, Settings &to) {
         return take_threshold(values[0], to.break_threshold);
       }},
      {"save", 1, "a file",
       [](const Words &values, Settings &to) { return take_file(values[0], to.save); }},
  };
  return TABLE;
}

static std::string shown(double grade)
{
  char text[32];
  snprintf(text, sizeof(text), "%g", grade);
  return text;
}

std::string LAMMPS_NS::contradiction(const SelectionSettings &settings)
{
  const bool selects = settings.select_threshold < SelectionSettings::NEVER;
  const bool breaks = settings.break_threshold < SelectionSettings::NEVER;
  const bool saves = !settings.save.empty();
  if (settings.state.empty()) {
    const char *needs = selects  ? "select"
        : breaks                 ? "break"
        : saves                  ? "save"
        : !settings.mode.empty() ? "mode"
        : settings.every != 1    ? "every"
                                 : nullptr;
    if (needs)
      return std::string(needs) + " needs a selection state\n  hint: name its file after state";
  }
  if (saves && !selects)
    return "save without select: from which grade on shall configurations be saved?";
  if (selects && !saves) return "select without save: where shall configurations be saved?";
  if (selects && breaks && settings.break_threshold < settings.select_threshold)
    return "the break threshold " + shown(settings.break_threshold) +
        " is below the select threshold " + shown(settings.select_threshold) +
        ": the run would stop before anything is saved";
  return {};
}

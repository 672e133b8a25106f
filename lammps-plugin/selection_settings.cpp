/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "selection_settings.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>

using namespace LAMMPS_NS;

static const char *const KEYWORDS[] = {"state", "mode", "every", "select", "break", "save"};

bool LAMMPS_NS::is_selection_keyword(const std::string &keyword)
{
  return std::find(std::begin(KEYWORDS), std::end(KEYWORDS), keyword) != std::end(KEYWORDS);
}

static std::string take_file(const std::string &keyword, const std::string &word, std::string &file)
{
  // a forgotten name would make the next keyword a file
  if (word.empty() || is_selection_keyword(word))
    return "expected a file after " + keyword + ", got " + (word.empty() ? "nothing" : word);
  file = word;
  return {};
}

static std::string take_every(const std::string &word, int &every)
{
  const bool is_number = !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number || word.size() > 9)
    return "expected a number of steps (0: only when fix pair asks) after every, got " +
        (word.empty() ? "nothing" : word);
  every = std::stoi(word);
  return {};
}

static std::string take_mode(const std::string &word, std::string &mode)
{
  if (word != "configuration" && word != "neighborhood")
    return "expected configuration or neighborhood after mode, got " +
        (word.empty() ? "nothing" : word);
  mode = word;
  return {};
}

std::string LAMMPS_NS::take_threshold(const std::string &name, const std::string &value,
                                      double &threshold)
{
  char *end = nullptr;
  threshold = strtod(value.c_str(), &end);
  if (value.empty() || *end != '\0' || !std::isfinite(threshold) || threshold <= 0.0)
    return "expected a positive grade after " + name + ", got " +
        (value.empty() ? "nothing" : value);
  return {};
}

std::string LAMMPS_NS::take_selection_keyword(const std::string &keyword, const char *value,
                                              SelectionSettings &settings)
{
  const std::string word = value ? value : "";
  if (keyword == "state") return take_file(keyword, word, settings.state);
  if (keyword == "save") return take_file(keyword, word, settings.save);
  if (keyword == "mode") return take_mode(word, settings.mode);
  if (keyword == "every") return take_every(word, settings.every);
  return take_threshold(keyword, word,
                        keyword == "select" ? settings.select_threshold : settings.break_threshold);
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

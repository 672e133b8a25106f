/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "mlip_settings.h"

#include <cctype>
#include <map>
#include <sstream>

using namespace LAMMPS_NS;

namespace {

// Words of a line without its comment.
std::vector<std::string> words_of(const std::string &line)
{
  std::istringstream stream(line.substr(0, line.find('#')));
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

enum class Flag { NO, YES, NEITHER };

Flag flag_of(std::string word)
{
  for (char &letter : word) letter = static_cast<char>(tolower(static_cast<unsigned char>(letter)));
  return word == "true" ? Flag::YES : word == "false" ? Flag::NO : Flag::NEITHER;
}

// What holds where a key is missing: the numbers and names of the usual settings file.
SelectionSettings usual_selection()
{
  SelectionSettings settings;
  settings.select_threshold = 2.1;
  settings.break_threshold = 10.0;
  settings.save = "preselected.cfg";
  return settings;
}

// What the file says.
struct Given {
  std::map<std::string, int> lines;    // first line of each key
  std::string potential;
  bool selects = false;
  SelectionSettings selection = usual_selection();
  std::vector<std::string> of_selection;    // keys that mean nothing unless select is TRUE
  std::vector<std::string> unused;          // keys that mean nothing, in file order
};

// What takes the value of a key. Returns what is wrong, or nothing.
using Take = std::string (*)(const std::string &key, const std::string &value, Given &given);

std::string take_flag(const std::string &key, const std::string &value, bool &flag)
{
  const Flag found = flag_of(value);
  flag = found == Flag::YES;
  return found == Flag::NEITHER ? key + " must be TRUE or FALSE, got " + value : "";
}

std::string take_calculate_efs(const std::string &key, const std::string &value, Given &)
{
  bool calculates = false;
  const std::string problem = take_flag(key, value, calculates);
  if (!problem.empty() || calculates) return problem;
  return key + " FALSE would leave the atoms without forces\n  hint: set calculate-efs TRUE";
}

template <double SelectionSettings::*THRESHOLD>
std::string take_grade(const std::string &key, const std::string &value, Given &given)
{
  given.of_selection.push_back(key);
  if (take_threshold(value, given.selection.*THRESHOLD)) return {};
  return std::string("expected ") + EXPECTED_THRESHOLD + " after " + key + ", got " + value;
}

template <std::string SelectionSettings::*FILE>
std::string take_file(const std::string &key, const std::string &value, Given &given)
{
  given.of_selection.push_back(key);
  given.selection.*FILE = value;
  return {};
}

std::string take_potential(const std::string &, const std::string &value, Given &given)
{
  given.potential = value;
  return {};
}

std::string take_select(const std::string &key, const std::string &value, Given &given)
{
  return take_flag(key, value, given.selects);
}

std::string take_nothing(const std::string &key, const std::string &, Given &given)
{
  given.unused.push_back(key);
  return {};
}

// Every key has one value.
const std::map<std::string, Take> KEYS = {
    {"mtp-filename", take_potential},
    {"calculate-efs", take_calculate_efs},
    {"select", take_select},
    {"select:threshold", take_grade<&SelectionSettings::select_threshold>},
    {"select:threshold-break", take_grade<&SelectionSettings::break_threshold>},
    {"select:save-selected", take_file<&SelectionSettings::save>},
    {"select:load-state", take_file<&SelectionSettings::state>},
    {"select:log", take_nothing},
    {"log", take_nothing},
};

std::string known_keys()
{
  std::string names;
  for (const auto &entry : KEYS) names += (names.empty() ? "" : " ") + entry.first;
  return names;
}

std::string take_line(const std::vector<std::string> &words, int line, Given &given)
{
  const std::string &key = words[0];
  const auto known = KEYS.find(key);
  if (known == KEYS.end()) return "unknown key " + key + "\n  hint: the keys are " + known_keys();
  if (words.size() != 2)
    return "expected one value after " + key + ", got " + std::to_string(words.size() - 1);
  const auto first = given.lines.emplace(key, line);
  if (!first.second)
    return key + " was already given in line " + std::to_string(first.first->second);
  return known->second(key, words[1], given);
}

// Puts the settings together when all lines have been read. Returns what is wrong, or nothing.
std::string conclude(const Given &given, const std::string &file_name, MLIPSettings &settings)
{
  if (given.potential.empty()) return file_name + ": expected a line with the key mtp-filename";
  settings.potential = given.potential;
  settings.unused = given.unused;
  if (!given.selects) {
    settings.unused.insert(settings.unused.end(), given.of_selection.begin(),
                           given.of_selection.end());
    return {};
  }
  if (given.selection.state.empty())
    return file_name + ":" + std::to_string(given.lines.at("select")) +
        ": select TRUE needs a selection state\n  hint: name its file after select:load-state";
  settings.selection = given.selection;
  const std::string problem = contradiction(settings.selection);
  return problem.empty() ? problem : file_name + ": " + problem;
}

}    // namespace

std::string LAMMPS_NS::parse_mlip_settings(const std::string &text, const std::string &file_name,
                                           MLIPSettings &settings)
{
  std::istringstream stream(text);
  Given given;
  int number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    const std::vector<std::string> words = words_of(line);
    if (words.empty()) continue;
    const std::string problem = take_line(words, number, given);
    if (!problem.empty()) return file_name + ":" + std::to_string(number) + ": " + problem;
  }
  return conclude(given, file_name, settings);
}

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

// What was said so far, in a file or behind pair_style.
struct Given {
  std::map<std::string, std::string> places;    // line or word of each key
  std::string potential;
  bool selects = false;
  SelectionSettings selection = usual_selection();
  std::vector<std::string> of_selection;    // keys that mean nothing unless grades are wanted
  std::vector<std::string> unused;          // keys that mean nothing, in their order
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

// Keys, each of which has one value, and the words before the place where one was given.
struct Dialect {
  std::map<std::string, Take> keys;
  std::string before_place;
};

// The settings file of MLIP-2.
const Dialect FILE_LINES = {
    {
        {"mtp-filename", take_potential},
        {"calculate-efs", take_calculate_efs},
        {"select", take_select},
        {"select:threshold", take_grade<&SelectionSettings::select_threshold>},
        {"select:threshold-break", take_grade<&SelectionSettings::break_threshold>},
        {"select:save-selected", take_file<&SelectionSettings::save>},
        {"select:load-state", take_file<&SelectionSettings::state>},
        {"select:log", take_nothing},
        {"log", take_nothing},
    },
    "in line ",
};

std::string take_grade_feature(const std::string &key, const std::string &value, Given &given)
{
  bool adds = false;
  const std::string problem = take_flag(key, value, adds);
  // saved configurations have their grades anyway
  if (!adds) given.unused.push_back(key);
  return problem;
}

// The words of MLIP-3 behind pair_style, without the prefix that the last four may have.
const Dialect STYLE_WORDS = {
    {
        {"load_from", take_potential},
        {"extrapolation_control", take_select},
        {"threshold_save", take_grade<&SelectionSettings::select_threshold>},
        {"threshold_break", take_grade<&SelectionSettings::break_threshold>},
        {"save_extrapolative_to", take_file<&SelectionSettings::save>},
        {"add_grade_feature", take_grade_feature},
    },
    "as ",
};
const std::string PREFIX = "extrapolation_control:";

// The key that a word of MLIP-3 means.
std::string meant(const std::string &key)
{
  if (key == PREFIX + "threshold") return "threshold_save";
  if (key.rfind(PREFIX, 0) != 0) return key;
  const std::string rest = key.substr(PREFIX.size());
  return rest == "load_from" || rest == "extrapolation_control" ? key : rest;
}

std::string known_keys(const Dialect &dialect)
{
  std::string names;
  for (const auto &entry : dialect.keys) names += (names.empty() ? "" : " ") + entry.first;
  return names;
}

// Takes the value of a key that is called as the user called it, at a place. Returns what is wrong, or
// nothing.
std::string take(const Dialect &dialect, const std::string &key, const std::string &called,
                 const std::string &value, const std::string &place, Given &given)
{
  const auto known = dialect.keys.find(key);
  if (known == dialect.keys.end())
    return "unknown key " + called + "\n  hint: the keys are " + known_keys(dialect);
  const auto first = given.places.emplace(key, place);
  if (!first.second)
    return called + " was already given " + dialect.before_place + first.first->second;
  return known->second(called, value, given);
}

std::string take_line(const std::vector<std::string> &words, int line, Given &given)
{
  const std::string &key = words[0];
  if (FILE_LINES.keys.count(key) != 0 && words.size() != 2)
    return "expected one value after " + key + ", got " + std::to_string(words.size() - 1);
  const std::string value = words.size() > 1 ? words[1] : "";
  return take(FILE_LINES, key, key, value, std::to_string(line), given);
}

std::string take_word(const std::string &word, Given &given)
{
  const size_t sign = word.find('=');
  if (sign == std::string::npos || sign == 0)
    return "expected key=value, got " + word + "\n  hint: the keys are " + known_keys(STYLE_WORDS);
  const std::string key = word.substr(0, sign), value = word.substr(sign + 1);
  if (value.empty()) return "expected a value after " + key + "=, got nothing";
  return take(STYLE_WORDS, meant(key), key, value, word, given);
}

// Takes over what concerns grades, if they are wanted. Returns what is wrong, or nothing.
std::string conclude_selection(const Given &given, MLIPSettings &settings)
{
  settings.potential = given.potential;
  settings.unused = given.unused;
  if (!given.selects) {
    settings.unused.insert(settings.unused.end(), given.of_selection.begin(),
                           given.of_selection.end());
    return {};
  }
  settings.selection = given.selection;
  return contradiction(settings.selection);
}

// Puts the settings together when all lines have been read. Returns what is wrong, or nothing.
std::string conclude(const Given &given, const std::string &file_name, MLIPSettings &settings)
{
  if (given.potential.empty()) return file_name + ": expected a line with the key mtp-filename";
  if (given.selects && given.selection.state.empty())
    return file_name + ":" + given.places.at("select") +
        ": select TRUE needs a selection state\n  hint: name its file after select:load-state";
  const std::string problem = conclude_selection(given, settings);
  for (auto &key : settings.unused) key += " in " + file_name;
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

std::string LAMMPS_NS::parse_mlip_words(const std::vector<std::string> &words,
                                        MLIPSettings &settings)
{
  Given given;
  for (const auto &word : words) {
    const std::string problem = take_word(word, given);
    if (!problem.empty()) return problem;
  }
  if (given.potential.empty()) return "expected load_from=, with the file of a potential";
  // the file has the potential and its state
  if (given.selects) given.selection.state = given.potential;
  return conclude_selection(given, settings);
}

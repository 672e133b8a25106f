/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "mlip_settings.h"

#include <cctype>
#include <map>
#include <sstream>

using namespace LAMMPS_NS;

namespace {

enum class Key { POTENTIAL, CALCULATE_EFS, SELECT, THRESHOLD, BREAK, SAVE, STATE, LOG };

const std::map<std::string, Key> KEYS = {
    {"mtp-filename", Key::POTENTIAL},
    {"calculate-efs", Key::CALCULATE_EFS},
    {"select", Key::SELECT},
    {"select:threshold", Key::THRESHOLD},
    {"select:threshold-break", Key::BREAK},
    {"select:save-selected", Key::SAVE},
    {"select:load-state", Key::STATE},
    {"select:log", Key::LOG},
    {"log", Key::LOG},
};

std::string known_keys()
{
  std::string names;
  for (const auto &entry : KEYS) names += (names.empty() ? "" : " ") + entry.first;
  return names;
}

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

// What keys of the file say, before it is known whether select is TRUE.
struct Given {
  std::map<std::string, int> lines;    // first line of each key
  std::vector<std::string> of_selection;
  bool selects = false;
  SelectionSettings selection;
};

// What holds where a key is missing: the numbers and names of the usual settings file.
SelectionSettings usual_selection()
{
  SelectionSettings settings;
  settings.select_threshold = 2.1;
  settings.break_threshold = 10.0;
  settings.save = "preselected.cfg";
  return settings;
}

// Takes one key of the selection. Returns what is wrong, or nothing.
std::string take_selection(Key key, const std::string &name, const std::string &value, Given &given)
{
  given.of_selection.push_back(name);
  SelectionSettings &selection = given.selection;
  if (key == Key::THRESHOLD) return take_threshold(name, value, selection.select_threshold);
  if (key == Key::BREAK) return take_threshold(name, value, selection.break_threshold);
  (key == Key::SAVE ? selection.save : selection.state) = value;
  return {};
}

// Takes one key with its value. Returns what is wrong, or nothing.
std::string take(Key key, const std::string &name, const std::string &value, Given &given,
                 MLIPSettings &settings)
{
  if (key == Key::POTENTIAL) {
    settings.potential = value;
    return {};
  }
  if (key == Key::LOG) {
    settings.unused.push_back(name);
    return {};
  }
  if (key != Key::CALCULATE_EFS && key != Key::SELECT)
    return take_selection(key, name, value, given);
  const Flag flag = flag_of(value);
  if (flag == Flag::NEITHER) return name + " must be TRUE or FALSE, got " + value;
  if (key == Key::CALCULATE_EFS && flag == Flag::NO)
    return "calculate-efs FALSE would leave the atoms without forces\n  hint: set calculate-efs TRUE";
  if (key == Key::SELECT) given.selects = flag == Flag::YES;
  return {};
}

std::string take_line(const std::vector<std::string> &words, int line, Given &given,
                      MLIPSettings &settings)
{
  const std::string &name = words[0];
  const auto known = KEYS.find(name);
  if (known == KEYS.end()) return "unknown key " + name + "\n  hint: the keys are " + known_keys();
  if (words.size() != 2)
    return "expected one value after " + name + ", got " + std::to_string(words.size() - 1);
  const auto first = given.lines.emplace(name, line);
  if (!first.second)
    return name + " was already given in line " + std::to_string(first.first->second);
  return take(known->second, name, words[1], given, settings);
}

// Puts the selection together when all lines have been read. Returns what is wrong, or nothing.
std::string conclude(const Given &given, const std::string &file_name, MLIPSettings &settings)
{
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
  given.selection = usual_selection();
  int number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    const std::vector<std::string> words = words_of(line);
    if (words.empty()) continue;
    const std::string problem = take_line(words, number, given, settings);
    if (!problem.empty()) return file_name + ":" + std::to_string(number) + ": " + problem;
  }
  if (settings.potential.empty()) return file_name + ": expected a line with the key mtp-filename";
  return conclude(given, file_name, settings);
}

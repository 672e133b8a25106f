/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "mlip_settings.h"

#include <cctype>
#include <map>
#include <sstream>

using namespace LAMMPS_NS;

namespace {

enum class Key { POTENTIAL, CALCULATE_EFS, SELECT, OF_SELECTION, LOG };

const std::map<std::string, Key> KEYS = {
    {"mtp-filename", Key::POTENTIAL},
    {"calculate-efs", Key::CALCULATE_EFS},
    {"select", Key::SELECT},
    {"select:threshold", Key::OF_SELECTION},
    {"select:threshold-break", Key::OF_SELECTION},
    {"select:save-selected", Key::OF_SELECTION},
    {"select:load-state", Key::OF_SELECTION},
    {"select:log", Key::OF_SELECTION},
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

// Takes one key with its value. Returns what is wrong, or nothing.
std::string take(Key key, const std::string &name, const std::string &value, MLIPSettings &settings)
{
  if (key == Key::POTENTIAL) {
    settings.potential = value;
    return {};
  }
  if (key == Key::OF_SELECTION || key == Key::LOG) {
    settings.unused.push_back(name);
    return {};
  }
  const Flag flag = flag_of(value);
  if (flag == Flag::NEITHER) return name + " must be TRUE or FALSE, got " + value;
  if (key == Key::CALCULATE_EFS && flag == Flag::NO)
    return "calculate-efs FALSE would leave the atoms without forces\n  hint: set calculate-efs TRUE";
  if (key == Key::SELECT && flag == Flag::YES)
    return "select TRUE: the selection of configurations comes in a later version of mtprs\n"
           "  hint: set select FALSE to run with energies, forces and stresses alone";
  return {};
}

std::string take_line(const std::vector<std::string> &words, std::map<std::string, int> &lines, int line,
                      MLIPSettings &settings)
{
  const std::string &name = words[0];
  const auto known = KEYS.find(name);
  if (known == KEYS.end()) return "unknown key " + name + "\n  hint: the keys are " + known_keys();
  if (words.size() != 2)
    return "expected one value after " + name + ", got " + std::to_string(words.size() - 1);
  const auto first = lines.emplace(name, line);
  if (!first.second) return name + " was already given in line " + std::to_string(first.first->second);
  return take(known->second, name, words[1], settings);
}

}    // namespace

std::string LAMMPS_NS::parse_mlip_settings(const std::string &text, const std::string &file_name,
                                           MLIPSettings &settings)
{
  std::istringstream stream(text);
  std::map<std::string, int> lines;
  int number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    const std::vector<std::string> words = words_of(line);
    if (words.empty()) continue;
    const std::string problem = take_line(words, lines, number, settings);
    if (!problem.empty()) return file_name + ":" + std::to_string(number) + ": " + problem;
  }
  if (settings.potential.empty()) return file_name + ": expected a line with the key mtp-filename";
  return {};
}

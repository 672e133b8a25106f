/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "pair_settings.h"

#include "mtprs.h"

#include <algorithm>

using namespace LAMMPS_NS;

// Threads that the library starts at most.
static constexpr int MOST_THREADS = 1024;

PairSettings::PairSettings() : threads(1), precision(MTPRS_PRECISION_DOUBLE) {}

static bool looks_like_an_element(const std::string &word)
{
  const auto is_lower = [](char letter) { return letter >= 'a' && letter <= 'z'; };
  return !word.empty() && word.size() <= 2 && word[0] >= 'A' && word[0] <= 'Z' &&
      std::all_of(word.begin() + 1, word.end(), is_lower);
}

static bool take_threads(const std::string &word, int &threads)
{
  const bool is_number = !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
  threads = is_number && word.size() < 9 ? std::stoi(word) : 0;
  return threads >= 1 && threads <= MOST_THREADS;
}

static bool take_precision(const std::string &word, int &precision)
{
  precision = word == "mixed" ? MTPRS_PRECISION_MIXED : MTPRS_PRECISION_DOUBLE;
  return word == "mixed" || word == "double";
}

static KeywordTable<PairSettings> pair_keywords()
{
  using Settings = PairSettings;
  KeywordTable<Settings> table = {
      {"species", ALL_THAT_FIT, "element symbols",
       [](const Words &values, Settings &to) {
         to.species = values;
         return true;
       },
       looks_like_an_element},
      {"threads", 1, "a number of threads from 1 to " + std::to_string(MOST_THREADS),
       [](const Words &values, Settings &to) { return take_threads(values[0], to.threads); }},
      {"precision", 1, "double or mixed",
       [](const Words &values, Settings &to) { return take_precision(values[0], to.precision); }},
  };
  for (const auto &keyword : selection_keywords())
    table.push_back({keyword.name, keyword.values, keyword.expected,
                     [&keyword](const Words &values, Settings &to) {
                       return keyword.take(values, to.selection);
                     }});
  return table;
}

// The first element that is listed twice, or nothing.
static std::string repeated(const Words &elements)
{
  for (auto place = elements.begin(); place != elements.end(); ++place)
    if (std::find(elements.begin(), place, *place) != place) return *place;
  return {};
}

std::string LAMMPS_NS::parse_pair_settings(int narg, char **arg, PairSettings &settings)
{
  const std::string problem = take_keywords(Words(arg, arg + narg), pair_keywords(), settings);
  if (!problem.empty()) return problem;
  const std::string twice = repeated(settings.species);
  if (!twice.empty()) return "element " + twice + " is listed twice after species";
  return contradiction(settings.selection);
}

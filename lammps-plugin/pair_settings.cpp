/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "pair_settings.h"

#include "mtprs.h"

#include <algorithm>

using namespace LAMMPS_NS;

// Threads that the library starts at most.
static const int MOST_THREADS = 1024;

PairSettings::PairSettings() : threads(1), precision(MTPRS_PRECISION_DOUBLE) {}

namespace {

using Words = std::vector<std::string>;

bool looks_like_an_element(const std::string &word)
{
  const auto is_lower = [](char letter) { return letter >= 'a' && letter <= 'z'; };
  return !word.empty() && word.size() <= 2 && word[0] >= 'A' && word[0] <= 'Z' &&
      std::all_of(word.begin() + 1, word.end(), is_lower);
}

std::string word_at(const Words &words, size_t place)
{
  return place < words.size() ? words[place] : "nothing";
}

// Takes the elements that follow the keyword species; the first word of another form is the next
// keyword.
std::string take_species(const Words &words, size_t &place, Words &species)
{
  species.clear();
  for (; place < words.size() && looks_like_an_element(words[place]); ++place) {
    if (std::find(species.begin(), species.end(), words[place]) != species.end())
      return "element " + words[place] + " is listed twice after species";
    species.push_back(words[place]);
  }
  return species.empty() ? "expected element symbols after species, got " + word_at(words, place)
                         : "";
}

std::string take_threads(const std::string &word, int &threads)
{
  const bool is_number = !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
  threads = is_number && word.size() < 9 ? std::stoi(word) : is_number ? MOST_THREADS + 1 : 0;
  if (threads >= 1 && threads <= MOST_THREADS) return {};
  return "expected a number of threads from 1 to " + std::to_string(MOST_THREADS) +
      " after threads, got " + word;
}

std::string take_precision(const std::string &word, int &precision)
{
  precision = word == "mixed" ? MTPRS_PRECISION_MIXED : MTPRS_PRECISION_DOUBLE;
  return word == "mixed" || word == "double"
      ? ""
      : "expected double or mixed after precision, got " + word;
}

// Takes the keyword at a place with its values and moves the place behind them.
std::string take_keyword(const Words &words, size_t &place, PairSettings &settings)
{
  const std::string &keyword = words[place++];
  if (keyword == "species") return take_species(words, place, settings.species);
  const std::string value = word_at(words, place);
  const char *selection_value = place < words.size() ? words[place].c_str() : nullptr;
  ++place;
  if (keyword == "threads") return take_threads(value, settings.threads);
  if (keyword == "precision") return take_precision(value, settings.precision);
  if (is_selection_keyword(keyword))
    return take_selection_keyword(keyword, selection_value, settings.selection);
  return "unknown keyword " + keyword +
      ", expected species, threads, precision, state, mode, every, select, break or save";
}

}    // namespace

std::string LAMMPS_NS::parse_pair_settings(int narg, char **arg, PairSettings &settings)
{
  const Words words(arg, arg + narg);
  std::string problem;
  for (size_t place = 0; place < words.size() && problem.empty();)
    problem = take_keyword(words, place, settings);
  return problem.empty() ? contradiction(settings.selection) : problem;
}

/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   Keywords of a command as a table: what each is called, how many words follow it, what they are
   to be, and what they set.
------------------------------------------------------------------------- */

#ifndef MTPRS_KEYWORDS_H
#define MTPRS_KEYWORDS_H

#include <functional>
#include <string>
#include <vector>

namespace LAMMPS_NS {

using Words = std::vector<std::string>;

// Number of values of a keyword that takes as many as fit, but at least one.
static constexpr int ALL_THAT_FIT = -1;

// One row of the table.
template <typename Settings>
struct Keyword {
  std::string name;
  int values;              // words behind the keyword, or ALL_THAT_FIT
  std::string expected;    // what they are to be, as in "expected a file after state"
  std::function<bool(const Words &values, Settings &settings)> take;    // whether they are that
  bool (*fits)(const std::string &word) = nullptr;                      // for ALL_THAT_FIT
};

template <typename Settings>
using KeywordTable = std::vector<Keyword<Settings>>;

// The row of a keyword, or nullptr.
template <typename Settings>
const Keyword<Settings> *keyword_called(const std::string &name,
                                        const KeywordTable<Settings> &table)
{
  for (const auto &keyword : table)
    if (keyword.name == name) return &keyword;
  return nullptr;
}

// Names of all keywords, as in "state, mode or every".
template <typename Settings>
std::string names_of(const KeywordTable<Settings> &table)
{
  std::string names;
  for (size_t k = 0; k < table.size(); ++k)
    names += (k == 0 ? "" : k + 1 < table.size() ? ", " : " or ") + table[k].name;
  return names;
}

// The words from a place on that belong to a keyword.
template <typename Settings>
Words values_at(const Words &words, size_t place, const Keyword<Settings> &keyword)
{
  Words values;
  for (; place < words.size(); ++place) {
    const bool belongs = keyword.values == ALL_THAT_FIT
        ? keyword.fits(words[place])
        : values.size() < static_cast<size_t>(keyword.values);
    if (!belongs) break;
    values.push_back(words[place]);
  }
  return values;
}

// Takes the words of a command by its table. Returns what is wrong, or nothing.
template <typename Settings>
std::string take_keywords(const Words &words, const KeywordTable<Settings> &table,
                          Settings &settings)
{
  for (size_t place = 0; place < words.size();) {
    const Keyword<Settings> *keyword = keyword_called(words[place], table);
    if (!keyword) return "unknown keyword " + words[place] + ", expected " + names_of(table);
    const Words values = values_at(words, ++place, *keyword);
    const size_t least = keyword->values == ALL_THAT_FIT ? 1 : keyword->values;
    if (values.size() < least || !keyword->take(values, settings)) {
      const std::string got = place < words.size() ? words[place] : "";
      return "expected " + keyword->expected + " after " + keyword->name + ", got " +
          (got.empty() ? "nothing" : got);
    }
    place += values.size();
  }
  return {};
}

}    // namespace LAMMPS_NS

#endif

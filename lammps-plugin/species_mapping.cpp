/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "species_mapping.h"

#include "mtprs.h"

#include <algorithm>

using namespace LAMMPS_NS;

static std::string joined(const std::vector<std::string> &words)
{
  std::string line;
  for (const auto &word : words) line += (line.empty() ? "" : " ") + word;
  return line;
}

SpeciesNames::SpeciesNames(const mtprs_potential *_potential, const std::string &_path,
                           const std::vector<std::string> &_given) :
    potential(_potential), path(_path), given(_given), file_has_names(false)
{
  mtprs_potential_facts_t facts;
  MTPRS_INIT(facts);
  mtprs_potential_describe(potential, &facts, nullptr);
  file_has_names = facts.has_species_names;
  for (size_t index = 0; index < facts.species_count; ++index) {
    char name[64] = "";
    mtprs_potential_species_name(potential, index, name, sizeof(name), nullptr);
    in_file.emplace_back(name);
  }
}

std::string SpeciesNames::contradiction() const
{
  if (given.empty()) return {};
  if (given.size() != in_file.size())
    return "species lists " + std::to_string(given.size()) + " elements, but " + path + " has " +
        std::to_string(in_file.size()) + " species";
  if (file_has_names && given != in_file)
    return "species " + joined(given) + " contradicts " + path + " (species: " + joined(in_file) +
        ")";
  return {};
}

std::string SpeciesNames::map_types(const std::vector<std::string> &words,
                                    std::vector<int32_t> &species_of_type) const
{
  species_of_type.assign(words.size() + 1, -1);
  bool any = false;
  for (size_t type = 1; type <= words.size(); ++type) {
    const std::string &word = words[type - 1];
    if (word == "NULL") continue;
    species_of_type[type] = index_of(word);
    if (species_of_type[type] < 0) return unknown(word, type);
    any = true;
  }
  return any ? "" : "every atom type is NULL";
}

// Index of the species called word, or -1.
int32_t SpeciesNames::index_of(const std::string &word) const
{
  const auto found = std::find(given.begin(), given.end(), word);
  if (found != given.end()) return static_cast<int32_t>(found - given.begin());
  int32_t index = -1;
  const mtprs_status_t status =
      mtprs_potential_species_index(potential, word.c_str(), &index, nullptr);
  return status == MTPRS_OK ? index : -1;
}

std::string SpeciesNames::unknown(const std::string &word, size_t type) const
{
  const bool is_number = !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
  std::string problem = (is_number ? "species " : "element ") + word + " (LAMMPS type " +
      std::to_string(type) + ") is not in " + path +
      " (species: " + joined(given.empty() ? in_file : given) + ")";
  if (!is_number && given.empty() && !file_has_names)
    problem += "\n  hint: " + path +
        " does not name its elements: list them on the pair_style line in the order of its "
        "species, as in 'species Mg V O', or give the numbers in place of elements";
  return problem;
}

std::vector<std::string> SpeciesNames::elements() const
{
  return !given.empty() ? given : file_has_names ? in_file : std::vector<std::string>();
}

std::string SpeciesNames::report(const std::vector<int32_t> &species_of_type) const
{
  const std::vector<std::string> &names = given.empty() ? in_file : given;
  const bool named = file_has_names || !given.empty();
  std::string lines;
  for (size_t type = 1; type < species_of_type.size(); ++type) {
    const int32_t species = species_of_type[type];
    lines += "  type " + std::to_string(type) + " -> ";
    if (species < 0)
      lines += "NULL";
    else
      lines += (named ? names[species] + " (species " : "species ") + std::to_string(species) +
          (named ? ")" : "");
    lines += "\n";
  }
  return lines;
}

/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   Which species of a potential each LAMMPS atom type is, from the words of the input script.
------------------------------------------------------------------------- */

#ifndef MTPRS_SPECIES_MAPPING_H
#define MTPRS_SPECIES_MAPPING_H

#include <cstdint>
#include <string>
#include <vector>

struct mtprs_potential;

namespace LAMMPS_NS {

// Species of a potential as the user may call them.
class SpeciesNames {
 public:
  // given holds the elements of the species keyword, in the order of the species; empty if it was
  // not used. path is the name of the potential's file in messages.
  SpeciesNames(const mtprs_potential *potential, const std::string &path,
               const std::vector<std::string> &given);

  // What is wrong with the given elements, or nothing: they may name what the file leaves open, not
  // rename what it says.
  std::string contradiction() const;

  // Fills species_of_type[type], type from 1, with a species index, or with -1 where the word is
  // NULL. Returns what is wrong, or nothing.
  std::string map_types(const std::vector<std::string> &words,
                        std::vector<int32_t> &species_of_type) const;

  // Names of all species; empty if there are only numbers.
  std::vector<std::string> elements() const;

  // One line per type for the log file.
  std::string report(const std::vector<int32_t> &species_of_type) const;

 private:
  int32_t index_of(const std::string &word) const;
  std::string unknown(const std::string &word, size_t type) const;

  const mtprs_potential *potential;
  const std::string path;
  const std::vector<std::string> given;
  std::vector<std::string> in_file;    // names, or numbers where the file has no names
  bool file_has_names;
};

}    // namespace LAMMPS_NS

#endif

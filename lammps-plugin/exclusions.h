/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   Which atoms of a neighbor list are evaluated where LAMMPS leaves neighbors out.
------------------------------------------------------------------------- */

#ifndef MTPRS_EXCLUSIONS_H
#define MTPRS_EXCLUSIONS_H

#include "lmptype.h"

#include <cstdint>
#include <string>
#include <vector>

namespace LAMMPS_NS {

class LAMMPS;
class NeighList;

// Central atoms of an evaluation.
struct Centers {
  int count;
  const int *indices;
};

// Atoms that take no part because LAMMPS's neighbor exclusions part them from all others, as fix
// gcmc does when it tries to delete them. A pair potential needs no such rule: an atom without
// neighbors has no energy there.
class Exclusions {
 public:
  Exclusions(LAMMPS *lmp, const std::string &style_name);

  // Before a run: warnings are due again.
  void begin_run();

  // The atoms of a full neighbor list that take part; call it on all ranks in each evaluation.
  // species_of_type[type] is negative for types that the potential does not see.
  Centers centers(const NeighList *list, const std::vector<int32_t> &species_of_type);

  // Whether an atom of this rank takes no part.
  bool is_absent(int atom) const { return !absent.empty() && absent[atom]; }

 private:
  // What exclusions look at in an atom.
  struct Kind {
    int type;
    int groups;    // bits of groups that are in exclusions
    bool operator<(const Kind &other) const
    {
      return type != other.type ? type < other.type : groups < other.groups;
    }
  };
  struct Counted {
    Kind kind;
    bigint count;
  };

  Kind kind_of(int atom) const;
  std::vector<Counted> kinds_of_all_ranks(const NeighList *list,
                                          const std::vector<int32_t> &species_of_type) const;
  bool is_excluded(const Kind &a, const Kind &b) const;
  bool is_excluded_from_all(const Kind &kind) const;
  bool is_parted(const Counted &one, const std::vector<Counted> &all) const;
  bool are_all_with_group_all() const;
  void mark(const NeighList *list, const std::vector<int32_t> &species_of_type);
  bool has_bonded_neighbors(const std::vector<int32_t> &species_of_type,
                            const bool (&is_left_out)[4]) const;
  void warn_of_bonds(const std::vector<int32_t> &species_of_type) const;
  void warn(const std::vector<int32_t> &species_of_type);

  LAMMPS *const lmp;
  const std::string style_name;
  bool is_new_run;
  std::vector<char> absent;    // by atom of this rank; empty without exclusions
  std::vector<int> present;    // indices of the atoms of the list that take part
};

}    // namespace LAMMPS_NS

#endif

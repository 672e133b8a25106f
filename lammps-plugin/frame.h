/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   The text of a saved frame, from the atoms of all ranks.
------------------------------------------------------------------------- */

#ifndef MTPRS_FRAME_H
#define MTPRS_FRAME_H

#include <cstdint>
#include <string>
#include <vector>

namespace LAMMPS_NS {

class Exclusions;
class LAMMPS;

// What a frame says beside the atoms of LAMMPS.
struct FrameContents {
  double grade;                                // of the configuration
  const double *atom_grades;                   // [nlocal], or nullptr: no column nbh_grades
  const std::vector<int32_t> &species;         // [ntypes + 1] index; atoms of -1 are left out
  const std::vector<std::string> &elements;    // of the species; empty if they have no names
  const Exclusions &exclusions;                // atoms that are absent are left out
};

// The atoms of all ranks as the text of a .cfg frame, in the order of their IDs, inside the box
// with its origin at zero; on rank 0, empty on others. Call it on all ranks.
std::string frame_text(LAMMPS *lmp, const FrameContents &contents);

}    // namespace LAMMPS_NS

#endif

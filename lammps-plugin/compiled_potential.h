/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   From the files and words of an input script to what evaluates: potential and selection state are
   read, species mapped to atom types, and all of it compiled.
------------------------------------------------------------------------- */

#ifndef MTPRS_COMPILED_POTENTIAL_H
#define MTPRS_COMPILED_POTENTIAL_H

#include "library_handles.h"

#include <cstdint>
#include <string>
#include <vector>

namespace LAMMPS_NS {

class LAMMPS;
struct PairSettings;

// What pair_style and pair_coeff say of a potential.
struct AskedPotential {
  std::string file;                  // as the user gave it
  std::vector<std::string> words;    // an element, a species number or NULL for each type
};

struct CompiledPotential {
  EvaluatorHandle evaluator;
  StateHandle state;                       // empty if there are no grades
  std::vector<int32_t> species_of_type;    // [ntypes + 1] species index, or -1 for NULL
  std::vector<std::string> elements;       // of the species; empty if they have no names
  std::string report;                      // for the log file
};

// Reads a potential; call it on all ranks. What is wrong with the file is an error of LAMMPS, as in
// the next function.
PotentialHandle read_potential(LAMMPS *lmp, const std::string &file);

// Compiles a potential for one pair style; call it on all ranks.
CompiledPotential compile_potential(LAMMPS *lmp, const std::string &style_name,
                                    const mtprs_potential *potential, const AskedPotential &asked,
                                    const PairSettings &settings);

}    // namespace LAMMPS_NS

#endif

/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   Masses of atom types beside the elements that they are mapped to.
------------------------------------------------------------------------- */

#ifndef MTPRS_TYPE_MASSES_H
#define MTPRS_TYPE_MASSES_H

#include <cstdint>
#include <string>
#include <vector>

namespace LAMMPS_NS {

class LAMMPS;

// Element that a mass (u) means where another one is expected; empty if the mass may be that of the
// expected element, or is that of none: isotopes, rounded masses and masses chosen for a purpose
// say nothing.
std::string element_meant_instead(double mass, const std::string &expected);

// Compares the masses of LAMMPS's atom types with the elements that types are mapped to: a wrong
// order of types is a mistake that nothing else shows.
class TypeMasses {
 public:
  TypeMasses(LAMMPS *lmp, const std::string &style_name);

  // What types are mapped to from now on. elements has the names of the species, and is empty if
  // there are none.
  void expect(const std::string &file, const std::vector<std::string> &elements,
              const std::vector<int32_t> &species_of_type);

  // Before a run, when masses are known; call it on all ranks. Warns unless it has warned of the
  // same already.
  void check();

 private:
  std::vector<double> masses() const;
  std::string contradictions() const;

  LAMMPS *const lmp;
  const std::string style_name;
  std::string file;
  std::vector<std::string> elements;
  std::vector<int32_t> species_of_type;
  std::string told;
};

}    // namespace LAMMPS_NS

#endif

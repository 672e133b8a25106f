/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   The papers that LAMMPS asks to be cited for pair_style mtp/rs.
------------------------------------------------------------------------- */

#ifndef MTPRS_CITATION_H
#define MTPRS_CITATION_H

namespace LAMMPS_NS {

class LAMMPS;

// Adds the papers to what LAMMPS prints, where it was built to print it.
void add_citation(LAMMPS *lmp);

}    // namespace LAMMPS_NS

#endif

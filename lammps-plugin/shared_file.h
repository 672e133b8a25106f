/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   From rank 0 to all ranks: files and texts.
------------------------------------------------------------------------- */

#ifndef MTPRS_SHARED_FILE_H
#define MTPRS_SHARED_FILE_H

#include <string>

namespace LAMMPS_NS {

class LAMMPS;

// Bytes of a file, read by rank 0 of lmp->world alone and handed to all its ranks; call it on all
// of them. The file is looked for as given, then in the folders of LAMMPS_POTENTIALS. A file that
// cannot be read ends with error->all() on every rank.
std::string read_shared_file(LAMMPS *lmp, const std::string &path);

// Hands the text of rank 0 to all ranks of lmp->world; call it on all of them.
void share_text(LAMMPS *lmp, std::string &text);

}    // namespace LAMMPS_NS

#endif

/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   What the log file says of threads.
------------------------------------------------------------------------- */

#ifndef MTPRS_THREAD_REPORT_H
#define MTPRS_THREAD_REPORT_H

#include <string>

namespace LAMMPS_NS {

class LAMMPS;

// Says how many threads a pair style takes on each rank, and warns where a computer has fewer cores
// than that; call it on all ranks.
void report_threads(LAMMPS *lmp, const std::string &style_name, int threads);

}    // namespace LAMMPS_NS

#endif

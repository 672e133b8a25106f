/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   The end of a run at the break threshold.
------------------------------------------------------------------------- */

#ifndef MTPRS_RUN_STOP_H
#define MTPRS_RUN_STOP_H

#include <string>

namespace LAMMPS_NS {

class LAMMPS;

// Exit code of a LAMMPS that stopped at the break threshold; its errors exit with 1.
static constexpr int EXIT_AT_BREAK = 3;

// Stops a run that left the known region; call it on all ranks. Under LAMMPS's own program the
// process ends with EXIT_AT_BREAK. Inside another program (Python), which must not be ended from
// here, and in one of several partitions, which may be waiting for this one, it is an error of
// LAMMPS.
[[noreturn]] void stop_run(LAMMPS *lmp, const std::string &message);

}    // namespace LAMMPS_NS

#endif

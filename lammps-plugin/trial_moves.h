/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   What an evaluation is for: a step of the run, or a move that fixes of Monte Carlo try.
------------------------------------------------------------------------- */

#ifndef MTPRS_TRIAL_MOVES_H
#define MTPRS_TRIAL_MOVES_H

#include "lmptype.h"

namespace LAMMPS_NS {

class LAMMPS;

// What an evaluation is for.
enum class Purpose {
  STEP,            // a configuration of the run: one of dynamics or of a minimization
  BEFORE_MOVES,    // where the atoms are when a fix begins to try moves of Monte Carlo
  MOVE,            // a move that may be rejected
  BESIDE           // a further configuration of a step: finite differences, moves after the forces
};

// Tells evaluations of a run's configurations from those that others ask for in between.
class TrialMoves {
 public:
  explicit TrialMoves(LAMMPS *lmp);

  // Before a run.
  void begin_run() { last_step = last_moves = -1; }

  // What this evaluation is for. Call it once for each evaluation, on all ranks.
  Purpose purpose();

 private:
  LAMMPS *const lmp;
  bigint last_step;     // of the last evaluation of the run's configurations
  bigint last_moves;    // of the last evaluation before or of moves
};

}    // namespace LAMMPS_NS

#endif

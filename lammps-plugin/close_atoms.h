/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   Atoms that are closer than the radial functions reach: a warning in a run, the end of a move of
   Monte Carlo.
------------------------------------------------------------------------- */

#ifndef MTPRS_CLOSE_ATOMS_H
#define MTPRS_CLOSE_ATOMS_H

#include "lmptype.h"

#include <string>

struct mtprs_evaluator;

namespace LAMMPS_NS {

class LAMMPS;

// Watches for atoms that come closer than the radial functions of a potential reach: it
// extrapolates there, and what it says has nothing to do with the atoms any more. Warns once for
// each potential, and refuses moves that lead there.
class CloseAtoms {
 public:
  CloseAtoms(LAMMPS *lmp, const std::string &style_name);

  // Begins anew with a potential of this file; min_dist in Angstrom.
  void watch(const std::string &file, double min_dist);

  // After an evaluation, on all ranks; evaluator is null on ranks that had nothing to evaluate.
  // Ranks agree on steps that rebuild the neighbor lists, on which LAMMPS communicates anyway, and
  // at the end of a run.
  void look(const mtprs_evaluator *evaluator);

  // The same where the atoms are before moves are tried.
  void look_before_moves(const mtprs_evaluator *evaluator);

  // After a move was evaluated, on all ranks: whether it brings atoms closer than min_dist, and
  // closer than any were before.
  bool is_refused(const mtprs_evaluator *evaluator);

  // Around a run, on all ranks; at its end one line for the log file if moves were refused.
  void begin_run() { refused = 0; }
  void end_run();

 private:
  double closest_of_all(const mtprs_evaluator *evaluator) const;
  void agree();
  void warn() const;

  LAMMPS *const lmp;
  const std::string style_name;
  std::string file;
  double min_dist;    // Angstrom
  bool warned;
  double distance;        // of the closest pair below min_dist that this rank met, or infinite
  bigint ids[2];          // of that pair
  double before_moves;    // closest pair of all ranks then, at most min_dist, Angstrom
  bigint refused;         // moves of this run
};

}    // namespace LAMMPS_NS

#endif

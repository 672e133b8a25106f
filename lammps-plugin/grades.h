/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   Extrapolation grades in a run: on which evaluations they are computed, and what they are. What
   follows from them is decided in fix_mtp_rs_select.h.
------------------------------------------------------------------------- */

#ifndef MTPRS_GRADES_H
#define MTPRS_GRADES_H

#include "exclusions.h"
#include "library_handles.h"
#include "selection_settings.h"
#include "trial_moves.h"

#include "lmptype.h"

#include <cstdint>
#include <string>
#include <vector>

struct mtprs_outputs;

namespace LAMMPS_NS {

class LAMMPS;

class Grades {
 public:
  Grades(LAMMPS *lmp, const std::string &style_name);

  // What the user asks for; forgets an earlier state.
  void configure(const SelectionSettings &settings);

  // Whether there are grades at all.
  bool is_on() const { return !settings.state.empty(); }

  // Takes the state that the settings name, of the potential that is used from now on.
  void take_state(StateHandle state, const std::vector<int32_t> &species_of_type);

  // Before a run: the largest grade is that of this run.
  void begin_run();

  // Whether this evaluation needs grades.
  bool is_due(Purpose purpose);

  // Before an evaluation that is due, also where there are no central atoms.
  void clear();

  // Asks the evaluator for grades.
  void request(mtprs_outputs &outputs);

  // After an evaluation of these central atoms that was due, on all ranks: makes the grade of the
  // configuration and keeps it if it is one of the run.
  void conclude(Purpose purpose, const Centers &centers);

  // The last grade of a configuration of the run, the same on all ranks.
  double of_configuration() const { return grade; }

  // By atom of this rank: its own grade, or nullptr where the state grades configurations only.
  const double *of_atoms() const { return by_neighborhood ? grades.data() : nullptr; }

  // The largest grade of this run and its step, in words; empty if there was none.
  std::string report() const;

  // The trigger of fix pair.
  int *trigger() { return &asked; }

  // For fix pair, by atom of this rank: the last grades, in configuration mode those of the
  // configuration; room for all atoms.
  double *room_for_atoms();

  // For compute pair, which sums over ranks: the grade on rank 0, zero on others.
  double *first_rank_grade() { return &shown_grade; }

  double memory_usage() const;

 private:
  double largest_of_atoms(const Centers &centers) const;
  double of_summed_row(const Centers &centers);
  double add_over_ranks(const Centers &centers, std::vector<double> &row);
  bool is_central(int atom) const;

  LAMMPS *const lmp;
  const std::string style_name;
  SelectionSettings settings;
  StateHandle state;    // kept where grades of configurations follow from it: on rank 0
  bool by_neighborhood;
  std::vector<int32_t> species_of_type;    // [ntypes + 1]
  std::vector<double> grades;              // by atom
  std::vector<double> gradient;            // by parameter, then the number of atoms
  int asked;                               // set by fix pair before a step whose grades it wants
  bigint asked_step;                       // the last step on which it was set
  bigint moves_step;                       // the last step on which moves were tried
  double grade, shown_grade;               // of the configuration
  double largest;                          // of this run
  bigint largest_step;                     // its step
};

}    // namespace LAMMPS_NS

#endif

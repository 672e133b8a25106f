/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   Extrapolation grades in a run: when they are computed, what follows from them, which frames are
   saved.
------------------------------------------------------------------------- */

#ifndef MTPRS_SELECTION_H
#define MTPRS_SELECTION_H

#include "exclusions.h"
#include "selection_settings.h"
#include "trial_moves.h"

#include "lmptype.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct mtprs_outputs;
struct mtprs_potential;
struct mtprs_selection;

namespace LAMMPS_NS {

class LAMMPS;

class Selection {
 public:
  Selection(LAMMPS *lmp, const std::string &style_name);

  // What the user asks for; forgets an earlier state.
  void configure(const SelectionSettings &settings);

  // Whether there are grades at all.
  bool is_on() const { return !settings.state.empty(); }

  // Reads the state that settings name, if any, for a potential; call it on all ranks. The result
  // is for making an evaluator and may be dropped then.
  using State = std::shared_ptr<const mtprs_selection>;
  State read_state(const SelectionSettings &settings, const mtprs_potential *potential) const;

  // Takes the state that the settings name, of the potential that is used from now on.
  void take_state(const State &state, const std::vector<int32_t> &species_of_type,
                  const std::vector<std::string> &elements);

  // Before a run: whether frames can be saved.
  void prepare_run();

  // Whether this evaluation needs grades.
  bool is_due(Purpose purpose);

  // Makes room and asks the evaluator for grades.
  void request(mtprs_outputs &outputs);

  // After an evaluation of these central atoms that was due, on all ranks: the grade of the
  // configuration and, if it is one of the run, what follows from it.
  void act(Purpose purpose, const Centers &centers, const Exclusions &exclusions);

  // After a run: one line for the log file.
  void report();

  // The trigger of fix pair.
  int *trigger() { return &asked; }

  // By atom of this rank: the last grades; room for all atoms.
  double *atom_grades();

  // For compute pair, which sums over ranks: the last grade of the configuration on rank 0, zero on
  // others.
  double *first_rank_grade() { return &shown_grade; }

  double memory_usage() const;

 private:
  double largest_of_atoms(const Centers &centers) const;
  double of_configuration(const Centers &centers);
  bool is_central(int atom) const;
  void save(const Exclusions &exclusions);
  [[noreturn]] void stop() const;
  std::string place() const;

  LAMMPS *const lmp;
  const std::string style_name;
  SelectionSettings settings;
  State state;    // kept where grades of configurations follow from it: on rank 0
  bool by_neighborhood;
  std::vector<int32_t> species_of_type;    // [ntypes + 1]
  std::vector<std::string> elements;       // of the species; may be empty
  std::vector<double> grades;              // by atom
  std::vector<double> gradient;            // by parameter, then the number of atoms
  int asked;                               // set by fix pair before a step whose grades it wants
  bigint asked_step;                       // the last step on which it was set
  bigint moves_step;                       // the last step on which moves were tried
  double grade, shown_grade;               // of the configuration
  struct {
    bigint frames;          // saved in this run
    double largest;         // grade
    bigint largest_step;    // its step
    bigint last_step;       // of a saved frame
    double last_grade;      // of that frame
  } summary;
};

}    // namespace LAMMPS_NS

#endif

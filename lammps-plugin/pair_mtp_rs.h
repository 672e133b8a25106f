/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   pair_style mtp/rs: moment tensor potentials. All numerics are in the mtprs library behind
   mtprs.h; this class hands it LAMMPS's arrays.
------------------------------------------------------------------------- */

#ifndef LMP_PAIR_MTP_RS_H
#define LMP_PAIR_MTP_RS_H

#include "pair.h"

#include "compiled_potential.h"
#include "pair_settings.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct mtprs_atoms;
struct mtprs_outputs;

namespace LAMMPS_NS {

class CloseAtoms;
class Exclusions;
class FixMTPRSSelect;
class Grades;
class TrialMoves;
class TypeMasses;
enum class Purpose;
struct Centers;
struct FrameContents;

class PairMTPRS : public Pair {
 public:
  PairMTPRS(class LAMMPS *);
  ~PairMTPRS() override;

  void settings(int, char **) override;
  void coeff(int, char **) override;
  void init_style() override;
  double init_one(int, int) override;
  void compute(int, int) override;
  void finish() override;
  void *extract(const char *, int &) override;
  void *extract_peratom(const char *, int &) override;
  double memory_usage() override;

  // Name of the style in input scripts and messages.
  const std::string &name() const { return style_name; }

  // [ntypes + 1] species index of each type, or -1 for NULL.
  const std::vector<int32_t> &species() const { return species_of_type; }

  // Whether the last evaluation was a graded one of a configuration of the run; says so once.
  bool take_graded();

  // What a frame of that configuration is to say.
  FrameContents frame() const;

 protected:
  // For a derived style that is called style_name in input scripts and messages.
  PairMTPRS(class LAMMPS *, const char *style_name);

  // Takes what pair_style asks for. It holds from the next potential on, and for the one that is
  // there already, which is compiled anew.
  void ask_for(const PairSettings &settings);

  // Whether a potential has been loaded.
  bool has_potential() const { return evaluator != nullptr; }

  // Reads a potential and maps atom types to its species. What was loaded before, and its settings,
  // stay in place until the new potential is complete.
  void load_potential(const AskedPotential &wanted, const PairSettings &settings);

  // What pair_style asked for last.
  const PairSettings &settings_asked() const { return asked; }

 private:
  void allocate();
  void take_settings(const PairSettings &settings);
  void compile(const mtprs_potential *from, const AskedPotential &wanted,
               const PairSettings &settings);

  std::string select_fix_id() const;
  FixMTPRSSelect *select_fix() const;
  void add_select_fix();
  void delete_select_fix();
  void begin_grades();

  mtprs_atoms atoms_around(const Centers &centers);
  mtprs_outputs wanted_outputs();
  void evaluate(const Centers &centers, bool graded);
  void watch_close_atoms(Purpose purpose, const mtprs_evaluator *used);
  void fail_evaluation(const char *message, int atom_index) const;

  const std::string style_name;
  const std::unique_ptr<Grades> grades;
  const std::unique_ptr<CloseAtoms> close_atoms;
  const std::unique_ptr<Exclusions> exclusions;
  const std::unique_ptr<TrialMoves> trial_moves;
  const std::unique_ptr<TypeMasses> type_masses;
  PairSettings asked;
  PotentialHandle potential;    // empty until pair_coeff, as what follows
  EvaluatorHandle evaluator;
  AskedPotential loaded;
  double cutoff;                           // Angstrom
  std::vector<int32_t> species_of_type;    // [ntypes + 1] species index, or -1 for NULL
  std::vector<std::string> elements;       // of the species; may be empty
  bool has_graded;                         // a configuration that was not taken yet
  double **scale;    // [ntypes + 1][ntypes + 1]; (i,i) scales the energies of atoms of type i
  std::vector<double> scale_of_type;    // [ntypes + 1] diagonal of scale
};

}    // namespace LAMMPS_NS

#endif

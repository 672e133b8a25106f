/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   pair_style mtp/rs: moment tensor potentials. All numerics are in the mtprs library behind
   mtprs.h; this class hands it LAMMPS's arrays.
------------------------------------------------------------------------- */

#ifndef LMP_PAIR_MTP_RS_H
#define LMP_PAIR_MTP_RS_H

#include "pair.h"
#include "pair_settings.h"
#include "trial_moves.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct mtprs_atoms;
struct mtprs_evaluator;
struct mtprs_outputs;
struct mtprs_potential;
struct mtprs_selection;

namespace LAMMPS_NS {

class CloseAtoms;
class Exclusions;
class FixMTPRSSelect;
class Grades;
class SpeciesNames;
class TypeMasses;
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

  // Reads a potential and maps atom types to its species; words holds an element, a species number
  // or NULL for each type. What was loaded before, and its settings, stay in place until the new
  // potential is complete.
  void load_potential(const std::string &path, const std::vector<std::string> &words,
                      const PairSettings &settings);

  // What pair_style asked for last.
  const PairSettings &settings_asked() const { return asked; }

 private:
  using Potential = std::unique_ptr<mtprs_potential, void (*)(mtprs_potential *)>;
  using Evaluator = std::unique_ptr<mtprs_evaluator, void (*)(mtprs_evaluator *)>;

  void allocate();
  void take_settings(const PairSettings &settings);
  Potential parse_potential(const std::string &text, const std::string &path) const;
  void compile(const mtprs_potential *potential, const std::string &path,
               const std::vector<std::string> &words, const PairSettings &settings);
  Evaluator compiled(const mtprs_potential *potential, const std::string &path,
                     const PairSettings &settings, const mtprs_selection *state) const;
  void report_potential(const mtprs_potential *potential, const std::string &mapping) const;

  std::string select_fix_id() const;
  FixMTPRSSelect *select_fix() const;
  void begin_grades();
  void delete_select_fix();

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
  Potential potential;    // empty until pair_coeff, as what follows
  Evaluator evaluator;
  std::string loaded_file;                 // as the user gave it
  std::vector<std::string> type_words;     // of pair_coeff, one for each type
  double cutoff;                           // Angstrom
  std::vector<int32_t> species_of_type;    // [ntypes + 1] species index, or -1 for NULL
  std::vector<std::string> elements;       // of the species; may be empty
  bool has_graded;                         // a configuration that was not taken yet
  double **scale;    // [ntypes + 1][ntypes + 1]; (i,i) scales the energies of atoms of type i
  std::vector<double> scale_of_type;    // [ntypes + 1] diagonal of scale
};

}    // namespace LAMMPS_NS

#endif

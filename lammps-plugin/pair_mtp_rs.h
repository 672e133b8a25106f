/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   pair_style mtp/rs: moment tensor potentials. All numerics are in the mtprs library behind mtprs.h; this class hands
   it LAMMPS's arrays.
------------------------------------------------------------------------- */

#ifndef LMP_PAIR_MTP_RS_H
#define LMP_PAIR_MTP_RS_H

#include "pair.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct mtprs_evaluator;
struct mtprs_potential;
struct mtprs_selection;

namespace LAMMPS_NS {

class Selection;
struct SelectionSettings;

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

 protected:
  // For a derived style that is called style_name in input scripts and messages.
  PairMTPRS(class LAMMPS *, const char *style_name);

  // Reads a potential and maps atom types to its species; words holds an element, a species number or NULL for each
  // type. What was loaded before stays in place until the new potential is complete.
  void load_potential(const std::string &path, const std::vector<std::string> &words);

  // What the user asks for concerning extrapolation grades; takes effect with the next potential.
  void configure_selection(const SelectionSettings &settings);

 private:
  using Potential = std::unique_ptr<mtprs_potential, void (*)(mtprs_potential *)>;
  struct CloseAtoms {
    double distance;    // Angstrom; infinite if there was no such pair
    tagint ids[2];
  };
  using Evaluator = std::unique_ptr<mtprs_evaluator, void (*)(mtprs_evaluator *)>;

  void allocate();
  Potential parse_potential(const std::string &text, const std::string &path) const;
  Evaluator compile_potential(const mtprs_potential *potential, const std::string &path,
                              const mtprs_selection *state) const;
  void read_species_keyword(int narg, char **arg, int &iarg);
  void read_threads_keyword(int narg, char **arg, int &iarg);
  void report_threads() const;
  void read_precision_keyword(int narg, char **arg, int &iarg);
  void report_potential(const mtprs_potential *potential, const std::string &path,
                        const std::string &mapping) const;
  void watch_close_atoms();
  [[noreturn]] void fail_evaluation(const char *message, int atom_index) const;

  const std::string style_name;
  const std::unique_ptr<Selection> selection;
  std::vector<std::string> given_species;    // from the species keyword; empty if it was not given
  int threads;                               // on each rank, the calling one included
  int precision;                             // MTPRS_PRECISION_...
  Evaluator evaluator;                       // empty until pair_coeff
  std::string loaded_file;                   // as the user gave it
  double cutoff;                             // Angstrom
  double min_dist;                           // shortest distance in training, Angstrom
  CloseAtoms closest;                        // closest pair below min_dist that this rank met
  bool warned_of_close_atoms;
  std::vector<int32_t> species_of_type;    // [ntypes + 1] species index, or -1 for NULL
  double **scale;    // [ntypes + 1][ntypes + 1]; (i,i) scales the energies of atoms of type i
  std::vector<double> scale_of_type;    // [ntypes + 1] diagonal of scale
};

}    // namespace LAMMPS_NS

#endif

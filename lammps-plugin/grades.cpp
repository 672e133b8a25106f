/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "grades.h"

#include "shared_file.h"

#include "mtprs.h"

#include "atom.h"
#include "comm.h"
#include "error.h"
#include "fmt/format.h"
#include "lammps.h"
#include "update.h"
#include "utils.h"

#include <algorithm>

using namespace LAMMPS_NS;

/* ---------------------------------------------------------------------- */

Grades::Grades(LAMMPS *_lmp, const std::string &_style_name) :
    lmp(_lmp), style_name(_style_name), by_neighborhood(false), asked(0), asked_step(-1),
    moves_step(-1), grade(0.0), shown_grade(0.0), largest(0.0), largest_step(0)
{
}

void Grades::configure(const SelectionSettings &given)
{
  settings = given;
  asked_step = moves_step = -1;
  state.reset();
  grade = shown_grade = largest = 0.0;
}

void Grades::take_state(StateHandle given, const std::vector<int32_t> &mapped)
{
  mtprs_selection_facts_t facts;
  MTPRS_INIT(facts);
  mtprs_selection_describe(given.get(), &facts, nullptr);
  by_neighborhood = facts.is_neighborhood_mode != 0;
  gradient.assign(by_neighborhood ? 0 : facts.parameter_count + 1, 0.0);
  state = !by_neighborhood && lmp->comm->me == 0 ? std::move(given) : nullptr;
  species_of_type = mapped;
  grades.clear();
  grade = shown_grade = 0.0;
  if (lmp->comm->me != 0) return;

  utils::logmesg(lmp, "  selection state {}, {} mode", settings.state,
                 by_neighborhood ? "neighborhood" : "configuration");
  if (facts.unsupported_count > 0)
    utils::logmesg(lmp,
                   "; {} of {} directions of the parameters are unsupported: atoms that need one "
                   "of them have large grades, if any atoms can (mtprs state show tells)",
                   facts.unsupported_count, facts.parameter_count);
  utils::logmesg(lmp, "\n");
}

/* ---- around a run --------------------------------------------------------- */

void Grades::begin_run()
{
  largest = 0.0;
}

std::string Grades::report() const
{
  if (!is_on() || largest == 0.0) return {};
  return fmt::format("largest extrapolation grade {:.6g} at step {}", largest, largest_step);
}

/* ---- in a step ------------------------------------------------------------ */

bool Grades::is_due(Purpose purpose)
{
  if (!is_on()) return false;
  const bigint step = lmp->update->ntimestep;
  if (asked) asked_step = step;
  if (purpose == Purpose::BEFORE_MOVES) {
    moves_step = step;
    return asked != 0;
  }
  // fix pair asks before the first evaluation of a step alone, and takes the grades of that one.
  // The last evaluation is where the atoms stay, after a line search as after moves.
  const bool is_later = lmp->update->whichflag == 2 || moves_step == step;
  const bool was_asked = asked || (is_later && asked_step == step);
  return purpose == Purpose::STEP &&
      (was_asked || (settings.every > 0 && step % settings.every == 0));
}

double *Grades::room_for_atoms()
{
  // never smaller than what fix pair reads, also on steps without grades
  const size_t atoms = lmp->atom->nlocal + lmp->atom->nghost;
  if (grades.size() <= atoms) grades.resize(atoms + 1, 0.0);
  return grades.data();
}

void Grades::clear()
{
  std::fill(grades.begin(), grades.end(), 0.0);
  room_for_atoms();
  std::fill(gradient.begin(), gradient.end(), 0.0);
}

void Grades::request(mtprs_outputs &outputs)
{
  outputs.grades = by_neighborhood ? grades.data() : nullptr;
  outputs.energy_gradient = by_neighborhood ? nullptr : gradient.data();
}

void Grades::conclude(Purpose purpose, const Centers &centers)
{
  const double found = by_neighborhood ? largest_of_atoms(centers) : of_summed_row(centers);
  if (purpose != Purpose::STEP) return;
  grade = found;
  shown_grade = lmp->comm->me == 0 ? grade : 0.0;
  if (grade <= largest) return;
  largest = grade;
  largest_step = lmp->update->ntimestep;
}

double Grades::largest_of_atoms(const Centers &centers) const
{
  double own = 0.0, of_all = 0.0;
  for (int k = 0; k < centers.count; ++k) own = std::max(own, grades[centers.indices[k]]);
  MPI_Allreduce(&own, &of_all, 1, MPI_DOUBLE, MPI_MAX, lmp->world);
  return of_all;
}

bool Grades::is_central(int atom) const
{
  return species_of_type[lmp->atom->type[atom]] >= 0;
}

// Adds dE/dtheta of all ranks into row, on rank 0, and returns the number of atoms there.
double Grades::add_over_ranks(const Centers &centers, std::vector<double> &row)
{
  double &atoms = gradient.back();
  for (int k = 0; k < centers.count; ++k) atoms += is_central(centers.indices[k]);
  row.resize(gradient.size());
  MPI_Reduce(gradient.data(), row.data(), static_cast<int>(row.size()), MPI_DOUBLE, MPI_SUM, 0,
             lmp->world);
  const double atoms_of_all = row.back();
  row.pop_back();
  return atoms_of_all;
}

// The grade of (1/N) dE/dtheta, by rank 0 alone, so that all ranks go on with the same bits.
double Grades::of_summed_row(const Centers &centers)
{
  std::vector<double> row;
  const double atoms = add_over_ranks(centers, row);

  double found = 0.0;
  std::string fault;
  if (lmp->comm->me == 0 && atoms > 0.0) {
    const double share = 1.0 / atoms;
    for (double &entry : row) entry *= share;
    mtprs_error_t problem;
    if (mtprs_selection_grade(state.get(), row.data(), row.size(), &found, &problem) != MTPRS_OK)
      fault = problem.message;
  }
  share_text(lmp, fault);
  if (!fault.empty())
    lmp->error->all(FLERR, "pair style {}, step {}: {}", style_name, lmp->update->ntimestep, fault);
  MPI_Bcast(&found, 1, MPI_DOUBLE, 0, lmp->world);
  for (int k = 0; k < centers.count; ++k)
    if (is_central(centers.indices[k])) grades[centers.indices[k]] = found;
  return found;
}

double Grades::memory_usage() const
{
  return static_cast<double>((grades.capacity() + gradient.capacity()) * sizeof(double));
}

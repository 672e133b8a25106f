/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "close_atoms.h"

#include "mtprs.h"

#include "atom.h"
#include "comm.h"
#include "error.h"
#include "lammps.h"
#include "neighbor.h"
#include "utils.h"

#include <algorithm>
#include <limits>

using namespace LAMMPS_NS;

static const double INFINITE = std::numeric_limits<double>::infinity();

CloseAtoms::CloseAtoms(LAMMPS *lmp, const std::string &style_name) :
    lmp(lmp), style_name(style_name), min_dist(0.0), warned(false), distance(INFINITE), ids{0, 0},
    before_moves(0.0), refused(0)
{
}

void CloseAtoms::watch(const std::string &name, double lower_end)
{
  file = name;
  min_dist = lower_end;
  warned = false;
  distance = INFINITE;
  before_moves = min_dist;
}

/* ---- moves of Monte Carlo ------------------------------------------------- */

double CloseAtoms::closest_of_all(const mtprs_evaluator *evaluator) const
{
  double own = INFINITE, closest;
  if (evaluator) mtprs_evaluator_closest_pair(evaluator, &own, nullptr);
  MPI_Allreduce(&own, &closest, 1, MPI_DOUBLE, MPI_MIN, lmp->world);
  return closest;
}

void CloseAtoms::look_before_moves(const mtprs_evaluator *evaluator)
{
  before_moves = std::min(min_dist, closest_of_all(evaluator));
}

bool CloseAtoms::is_refused(const mtprs_evaluator *evaluator)
{
  // atoms that have not moved may be at distances that differ in the last digit
  const bool is_closer = closest_of_all(evaluator) < (1.0 - 1e-9) * before_moves;
  refused += is_closer;
  return is_closer;
}

void CloseAtoms::end_run()
{
  if (!warned) agree();
  if (refused == 0 || lmp->comm->me != 0) return;
  utils::logmesg(lmp,
                 "pair style {}: {} trial moves that brought atoms closer than min_dist ({:.6g} A) "
                 "were refused\n",
                 style_name, refused, min_dist);
}

/* ---- configurations of a run ---------------------------------------------- */

void CloseAtoms::look(const mtprs_evaluator *evaluator)
{
  if (warned) return;
  double found;
  int32_t pair[2];
  if (evaluator && mtprs_evaluator_closest_pair(evaluator, &found, pair) && found < distance) {
    const Atom *atom = lmp->atom;
    distance = found;
    for (int k = 0; k < 2; ++k) ids[k] = atom->tag_enable ? atom->tag[pair[k]] : 0;
  }
  if (lmp->neighbor->ago == 0) agree();
}

// Warns of the closest pair that any rank has met.
void CloseAtoms::agree()
{
  struct {
    double distance;
    int rank;
  } mine = {distance, lmp->comm->me}, first;
  MPI_Allreduce(&mine, &first, 1, MPI_DOUBLE_INT, MPI_MINLOC, lmp->world);
  warned = first.distance < min_dist;
  if (!warned) return;
  distance = first.distance;
  MPI_Bcast(ids, 2, MPI_LMP_BIGINT, first.rank, lmp->world);
  // the log file is that of rank 0, whichever rank has the atoms
  if (lmp->comm->me == 0) warn();
}

void CloseAtoms::warn() const
{
  lmp->error->warning(FLERR,
                      "pair style {}, {}: atoms {} and {} are {:.3f} A apart, closer than min_dist "
                      "({:.6g} A), where the radial functions begin; the potential extrapolates",
                      style_name, file, ids[0], ids[1], distance, min_dist);
}

/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "trial_moves.h"

#include "fix.h"
#include "lammps.h"
#include "modify.h"
#include "update.h"

#include <algorithm>
#include <cstring>
#include <iterator>

using namespace LAMMPS_NS;

// Fixes that evaluate trial moves before the evaluation of a step, and say when they are done:
// until then their next step is the present one.
static const char *const BEFORE[] = {"gcmc",     "widom",         "atom/swap",
                                     "mol/swap", "neighbor/swap", "charge/regulation"};

// Fixes that evaluate further configurations after the evaluation of a step. Other fixes, computes
// and commands do so, too; these are known by name because run_style respa may evaluate a step
// several times itself.
static const char *const AFTER[] = {"sgcmc", "numdiff", "numdiff/virial"};

template <size_t N>
static bool is_among(const char *const (&styles)[N], const char *style)
{
  return std::any_of(std::begin(styles), std::end(styles),
                     [style](const char *known) { return strcmp(known, style) == 0; });
}

TrialMoves::TrialMoves(LAMMPS *lmp) : lmp(lmp), last_step(-1), last_moves(-1) {}

Purpose TrialMoves::purpose()
{
  const bigint step = lmp->update->ntimestep;
  const Modify *modify = lmp->modify;
  const bool in_run = lmp->update->whichflag == 1;
  const bool is_again = in_run && last_step == step;
  for (int k = 0; in_run && k < modify->nfix; ++k) {
    const Fix *fix = modify->fix[k];
    if (is_again && is_among(AFTER, fix->style)) return Purpose::BESIDE;
    // the evaluation before the first step has no moves
    if (!is_among(BEFORE, fix->style) || fix->next_reneighbor != step || lmp->update->setupflag)
      continue;
    const bool is_first = last_moves != step;
    last_moves = step;
    return is_first ? Purpose::BEFORE_MOVES : Purpose::MOVE;
  }
  if (is_again && strncmp(lmp->update->integrate_style, "respa", 5) != 0) return Purpose::BESIDE;
  last_step = step;
  return Purpose::STEP;
}

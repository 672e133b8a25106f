/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "fix_mtp_rs_select.h"

#include "frame.h"
#include "frame_file.h"
#include "pair_mtp_rs.h"
#include "run_stop.h"
#include "shared_file.h"

#include "atom.h"
#include "comm.h"
#include "error.h"
#include "fmt/format.h"
#include "modify.h"
#include "update.h"
#include "utils.h"

#include <algorithm>
#include <cmath>

using namespace LAMMPS_NS;

static constexpr char STYLE[] = "MTPRS/SELECT";

/* ---- how it comes into a run ---------------------------------------------- */

static Fix *create(LAMMPS *lmp, int narg, char **arg)
{
  return new FixMTPRSSelect(lmp, narg, arg);
}

FixMTPRSSelect *FixMTPRSSelect::add(LAMMPS *lmp, const std::string &id, PairMTPRS *pair)
{
  // LAMMPS knows the style for this moment only, also if it refuses the fix. A style that it knew as
  // one of the plugin would keep the plugin loaded after the pair styles were unloaded.
  struct Known {
    Modify::FixCreatorMap &styles;
    explicit Known(Modify::FixCreatorMap &map) : styles(map) { styles[STYLE] = &create; }
    ~Known() { styles.erase(STYLE); }
  } known(*lmp->modify->fix_map);
  auto *fix =
      dynamic_cast<FixMTPRSSelect *>(lmp->modify->add_fix(fmt::format("{} all {}", id, STYLE), 0));
  if (!fix) lmp->error->all(FLERR, "fix {} is another one", id);
  fix->pair = pair;
  return fix;
}

FixMTPRSSelect::FixMTPRSSelect(LAMMPS *_lmp, int narg, char **arg) :
    Fix(_lmp, narg, arg), pair(nullptr), frames(0), last_step(-1), last_grade(0.0)
{
}

void FixMTPRSSelect::configure(const SelectionSettings &given)
{
  settings = given;
  frames = 0;
  last_step = -1;
}

// Every integrator and every minimizer calls these hooks between the forces of all styles and what
// fixes do after them: atoms, types and velocities are still those of the evaluation, and no other
// fix has stopped the run. Fixes of Monte Carlo call some hooks for their moves, too, but what they
// evaluate is not a configuration of the run.
int FixMTPRSSelect::setmask()
{
  return FixConst::PRE_REVERSE | FixConst::MIN_PRE_REVERSE;
}

/* ---- before a run --------------------------------------------------------- */

void FixMTPRSSelect::begin_run()
{
  frames = 0;
  if (settings.save.empty()) return;
  if (!atom->tag_enable)
    error->all(FLERR, "pair_style {}: saved frames need atom IDs", pair->name());
  check_file();
  mention_atoms_left_out();
}

void FixMTPRSSelect::check_file() const
{
  std::string problem, notice;
  if (comm->me == 0) problem = FrameFile(settings.save).prepare(notice);
  share_text(lmp, problem);
  if (!problem.empty()) error->all(FLERR, "{}: {}", settings.save, problem);
  if (!notice.empty()) error->warning(FLERR, "{}: {}", settings.save, notice);
}

void FixMTPRSSelect::mention_atoms_left_out() const
{
  const auto &species = pair->species();
  const auto is_foreign = [](int32_t index) { return index < 0; };
  if (comm->me == 0 && std::any_of(species.begin() + 1, species.end(), is_foreign))
    utils::logmesg(lmp,
                   "pair style {}: frames in {} and grades leave out the atoms of NULL types\n",
                   pair->name(), settings.save);
}

std::string FixMTPRSSelect::report() const
{
  if (settings.save.empty()) return {};
  return fmt::format(", {} frames saved in {}", frames, settings.save);
}

/* ---- in a step ------------------------------------------------------------ */

void FixMTPRSSelect::setup_pre_reverse(int, int)
{
  judge();
}

void FixMTPRSSelect::pre_reverse(int, int)
{
  judge();
}

void FixMTPRSSelect::min_pre_reverse(int, int)
{
  judge();
}

void FixMTPRSSelect::judge()
{
  if (!pair || !pair->take_graded()) return;
  const FrameContents frame = pair->frame();
  if (frame.grade >= settings.select_threshold && !is_known(frame.grade)) save(frame);
  if (frame.grade >= settings.break_threshold) stop(frame.grade);
}

// The first step of a run is the last one of the run before.
bool FixMTPRSSelect::is_known(double grade) const
{
  return update->setupflag && update->ntimestep == last_step &&
      std::abs(grade - last_grade) <= 1e-9 * grade;
}

void FixMTPRSSelect::save(const FrameContents &frame)
{
  const std::string text = frame_text(lmp, frame);
  std::string problem;
  if (comm->me == 0) problem = FrameFile(settings.save).append(text);
  share_text(lmp, problem);
  if (!problem.empty()) error->all(FLERR, "{}: {}: {}", place(), settings.save, problem);
  ++frames;
  last_step = update->ntimestep;
  last_grade = frame.grade;
}

void FixMTPRSSelect::stop(double grade) const
{
  const std::string where = settings.save.empty() ? "" : "; the frame is in " + settings.save;
  stop_run(
      lmp,
      fmt::format("{}: the extrapolation grade {:.6g} has reached the break threshold {:.6g}{}",
                  place(), grade, settings.break_threshold, where));
}

std::string FixMTPRSSelect::place() const
{
  return fmt::format("pair style {}, step {}", pair->name(), update->ntimestep);
}

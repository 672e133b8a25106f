/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "selection.h"

#include "frame.h"
#include "frame_file.h"
#include "run_stop.h"
#include "shared_file.h"

#include "mtprs.h"

#include "atom.h"
#include "comm.h"
#include "error.h"
#include "lammps.h"
#include "update.h"
#include "utils.h"

#include <algorithm>
#include <cmath>

using namespace LAMMPS_NS;

static mtprs_selection_facts_t facts_of(const mtprs_selection *state)
{
  mtprs_selection_facts_t facts;
  MTPRS_INIT(facts);
  mtprs_selection_describe(state, &facts, nullptr);
  return facts;
}

static std::string shown(double grade)
{
  char text[32];
  snprintf(text, sizeof(text), "%.6g", grade);
  return text;
}

/* ---------------------------------------------------------------------- */

Selection::Selection(LAMMPS *lmp, const std::string &style_name) :
    lmp(lmp), style_name(style_name), by_neighborhood(false), asked(0), asked_step(-1),
    moves_step(-1), grade(0.0), shown_grade(0.0), summary({0, 0.0, 0, -1, 0.0})
{
}

void Selection::configure(const SelectionSettings &given)
{
  settings = given;
  asked_step = moves_step = -1;
  state.reset();
  grade = shown_grade = 0.0;
  summary = {0, 0.0, 0, -1, 0.0};
}

/* ---- the state ------------------------------------------------------------ */

Selection::State Selection::read_state(const SelectionSettings &settings,
                                       const mtprs_potential *potential) const
{
  if (settings.state.empty()) return nullptr;
  const std::string bytes = read_shared_file(lmp, settings.state);
  mtprs_error_t problem;
  mtprs_selection_t *parsed = nullptr;
  if (mtprs_selection_parse(bytes.data(), bytes.size(), settings.state.c_str(), potential, &parsed,
                            &problem) != MTPRS_OK)
    lmp->error->all(FLERR, std::string(problem.message));
  State read(parsed, [](const mtprs_selection *old) {
    mtprs_selection_free(const_cast<mtprs_selection *>(old));
  });

  const char *mode = facts_of(parsed).is_neighborhood_mode ? "neighborhood" : "configuration";
  if (!settings.mode.empty() && settings.mode != mode)
    lmp->error->all(FLERR,
                    "pair_style " + style_name + ": mode is " + settings.mode + ", but the state " +
                        settings.state + " is one of " + mode + " mode\n  hint: build a state of " +
                        settings.mode + " mode, or leave out mode");
  return read;
}

void Selection::take_state(const State &read, const std::vector<int32_t> &mapped,
                           const std::vector<std::string> &names)
{
  const mtprs_selection_facts_t facts = facts_of(read.get());
  by_neighborhood = facts.is_neighborhood_mode != 0;
  state = !by_neighborhood && lmp->comm->me == 0 ? read : nullptr;
  gradient.assign(by_neighborhood ? 0 : facts.parameter_count + 1, 0.0);
  species_of_type = mapped;
  elements = names;
  grades.clear();
  grade = shown_grade = 0.0;
  summary.last_step = -1;
  if (lmp->comm->me != 0) return;

  std::string text = "  selection state " + settings.state + ", " +
      (by_neighborhood ? "neighborhood" : "configuration") + " mode";
  if (facts.unsupported_count > 0)
    text += "; " + std::to_string(facts.unsupported_count) + " of " +
        std::to_string(facts.parameter_count) +
        " directions of the parameters are unsupported: atoms that need one of them have large grades, if any atoms can "
        "(mtprs state show tells)";
  utils::logmesg(lmp, text + "\n");
}

/* ---- around a run --------------------------------------------------------- */

void Selection::prepare_run()
{
  summary.frames = 0;
  summary.largest = 0.0;
  if (settings.save.empty()) return;
  if (!lmp->atom->tag_enable)
    lmp->error->all(FLERR, "pair_style " + style_name + ": saved frames need atom IDs");

  std::string problem, notice;
  if (lmp->comm->me == 0) problem = FrameFile(settings.save).prepare(notice);
  share_text(lmp, problem);
  if (!problem.empty()) lmp->error->all(FLERR, settings.save + ": " + problem);
  if (!notice.empty()) lmp->error->warning(FLERR, settings.save + ": " + notice);
  const auto is_foreign = [](int32_t species) { return species < 0; };
  if (lmp->comm->me == 0 &&
      std::any_of(species_of_type.begin() + 1, species_of_type.end(), is_foreign))
    utils::logmesg(lmp,
                   "pair style " + style_name + ": frames in " + settings.save +
                       " and grades leave out the atoms of NULL types\n");
}

void Selection::report()
{
  if (!is_on() || lmp->comm->me != 0 || summary.largest == 0.0) return;
  std::string text = "pair style " + style_name + ": largest extrapolation grade " +
      shown(summary.largest) + " at step " + std::to_string(summary.largest_step);
  if (!settings.save.empty())
    text += ", " + std::to_string(summary.frames) + " frames saved in " + settings.save;
  utils::logmesg(lmp, text + "\n");
}

/* ---- in a step ------------------------------------------------------------ */

bool Selection::is_due(Purpose purpose)
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

double *Selection::atom_grades()
{
  // never smaller than what fix pair reads, also on steps without grades
  const size_t atoms = lmp->atom->nlocal + lmp->atom->nghost;
  if (grades.size() <= atoms) grades.resize(atoms + 1, 0.0);
  return grades.data();
}

void Selection::request(mtprs_outputs &outputs)
{
  std::fill(grades.begin(), grades.end(), 0.0);
  double *const room = atom_grades();
  std::fill(gradient.begin(), gradient.end(), 0.0);
  outputs.grades = by_neighborhood ? room : nullptr;
  outputs.energy_gradient = by_neighborhood ? nullptr : gradient.data();
}

bool Selection::is_central(int atom) const
{
  return species_of_type[lmp->atom->type[atom]] >= 0;
}

double Selection::largest_of_atoms(const Centers &centers) const
{
  double own = 0.0, largest = 0.0;
  for (int k = 0; k < centers.count; ++k) own = std::max(own, grades[centers.indices[k]]);
  MPI_Allreduce(&own, &largest, 1, MPI_DOUBLE, MPI_MAX, lmp->world);
  return largest;
}

// The grade of (1/N) dE/dtheta. Rank 0 alone computes it, so that all ranks go on with the same
// bits.
double Selection::of_configuration(const Centers &centers)
{
  double &atoms = gradient.back();
  for (int k = 0; k < centers.count; ++k) atoms += is_central(centers.indices[k]);
  std::vector<double> sums(gradient.size());
  MPI_Reduce(gradient.data(), sums.data(), static_cast<int>(sums.size()), MPI_DOUBLE, MPI_SUM, 0,
             lmp->world);

  double found = 0.0;
  std::string fault;
  if (lmp->comm->me == 0 && sums.back() > 0.0) {
    const double share = 1.0 / sums.back();
    for (double &sum : sums) sum *= share;
    mtprs_error_t problem;
    if (mtprs_selection_grade(state.get(), sums.data(), sums.size() - 1, &found, &problem) !=
        MTPRS_OK)
      fault = problem.message;
  }
  share_text(lmp, fault);
  if (!fault.empty()) lmp->error->all(FLERR, "pair style " + style_name + place() + fault);
  MPI_Bcast(&found, 1, MPI_DOUBLE, 0, lmp->world);
  for (int k = 0; k < centers.count; ++k)
    if (is_central(centers.indices[k])) grades[centers.indices[k]] = found;
  return found;
}

void Selection::act(Purpose purpose, const Centers &centers, const Exclusions &exclusions)
{
  const double found = by_neighborhood ? largest_of_atoms(centers) : of_configuration(centers);
  if (purpose != Purpose::STEP) return;
  grade = found;
  shown_grade = lmp->comm->me == 0 ? grade : 0.0;
  if (grade > summary.largest) {
    summary.largest = grade;
    summary.largest_step = lmp->update->ntimestep;
  }
  if (grade >= settings.select_threshold) save(exclusions);
  if (grade >= settings.break_threshold) stop();
}

std::string Selection::place() const
{
  return ", step " + std::to_string(lmp->update->ntimestep) + ": ";
}

void Selection::save(const Exclusions &exclusions)
{
  // the first step of a run is the last one of the run before
  const bool is_known = lmp->update->setupflag && lmp->update->ntimestep == summary.last_step &&
      std::abs(grade - summary.last_grade) <= 1e-9 * grade;
  if (is_known) return;

  const FrameContents contents = {grade, by_neighborhood ? grades.data() : nullptr, species_of_type,
                                  elements, exclusions};
  const std::string frame = frame_text(lmp, contents);
  std::string problem;
  if (lmp->comm->me == 0) problem = FrameFile(settings.save).append(frame);
  share_text(lmp, problem);
  if (!problem.empty())
    lmp->error->all(FLERR, "pair style " + style_name + place() + settings.save + ": " + problem);
  ++summary.frames;
  summary.last_step = lmp->update->ntimestep;
  summary.last_grade = grade;
}

void Selection::stop() const
{
  std::string text = "pair style " + style_name + place() + "the extrapolation grade " +
      shown(grade) + " has reached the break threshold " + shown(settings.break_threshold);
  if (!settings.save.empty()) text += "; the frame is in " + settings.save;
  stop_run(lmp, text);
}

double Selection::memory_usage() const
{
  return static_cast<double>((grades.capacity() + gradient.capacity()) * sizeof(double));
}

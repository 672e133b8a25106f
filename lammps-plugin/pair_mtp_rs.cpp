/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "pair_mtp_rs.h"

#include "citation.h"
#include "close_atoms.h"
#include "exclusions.h"
#include "fix_mtp_rs_select.h"
#include "frame.h"
#include "grades.h"
#include "thread_report.h"
#include "trial_moves.h"
#include "type_masses.h"

#include "mtprs.h"

#include "atom.h"
#include "comm.h"
#include "error.h"
#include "force.h"
#include "memory.h"
#include "modify.h"
#include "neigh_list.h"
#include "neighbor.h"
#include "update.h"
#include "utils.h"

#include <cstring>
#include <type_traits>

using namespace LAMMPS_NS;

// Energy of a move that must not be accepted, eV: the one by which fix gcmc marks overlaps.
static constexpr double REFUSED = 1e100;

/* ---------------------------------------------------------------------- */

PairMTPRS::PairMTPRS(LAMMPS *lmp) : PairMTPRS(lmp, "mtp/rs") {}

PairMTPRS::PairMTPRS(LAMMPS *lmp, const char *name) :
    Pair(lmp), style_name(name), grades(new Grades(lmp, name)),
    close_atoms(new CloseAtoms(lmp, name)), exclusions(new Exclusions(lmp, name)),
    trial_moves(new TrialMoves(lmp)), type_masses(new TypeMasses(lmp, name)), cutoff(0.0),
    has_graded(false), scale(nullptr)
{
  single_enable = 0;
  restartinfo = 0;
  one_coeff = 1;
  manybody_flag = 1;
  centroidstressflag = CENTROID_AVAIL;
  add_citation(lmp);
}

PairMTPRS::~PairMTPRS()
{
  delete_select_fix();
  if (!allocated) return;
  memory->destroy(setflag);
  memory->destroy(cutsq);
  memory->destroy(scale);
}

void PairMTPRS::allocate()
{
  const int n = atom->ntypes + 1;
  memory->create(setflag, n, n, "pair:setflag");
  memory->create(cutsq, n, n, "pair:cutsq");
  memory->create(scale, n, n, "pair:scale");
  allocated = 1;
}

/* ---- pair_style --------------------------------------------------------- */

void PairMTPRS::settings(int narg, char **arg)
{
  PairSettings settings;
  const std::string problem = parse_pair_settings(narg, arg, settings);
  if (!problem.empty()) error->all(FLERR, "pair_style {}: {}", style_name, problem);
  ask_for(settings);
}

void PairMTPRS::ask_for(const PairSettings &settings)
{
  if (settings.threads > 1) report_threads(lmp, style_name, settings.threads);
  // LAMMPS keeps the coefficients when the same pair_style is given again
  if (has_potential())
    compile(potential.get(), loaded, settings);
  else
    take_settings(settings);
}

void PairMTPRS::take_settings(const PairSettings &settings)
{
  asked = settings;
  grades->configure(settings.selection);
  if (FixMTPRSSelect *fix = select_fix()) fix->configure(settings.selection);
  nextra = grades->is_on() ? 1 : 0;
  pvector = grades->first_rank_grade();
}

/* ---- pair_coeff --------------------------------------------------------- */

void PairMTPRS::coeff(int narg, char **arg)
{
  if (narg < 3 || strcmp(arg[0], "*") != 0 || strcmp(arg[1], "*") != 0)
    error->all(FLERR,
               "pair_coeff for pair style {} must be * *, a potential file, and one element per "
               "atom type",
               style_name);
  load_potential({arg[2], std::vector<std::string>(arg + 3, arg + narg)}, asked);
}

void PairMTPRS::load_potential(const AskedPotential &wanted, const PairSettings &settings)
{
  const size_t ntypes = atom->ntypes;
  if (wanted.words.size() != ntypes)
    error->all(FLERR,
               "pair_coeff for pair style {}: expected {} elements (one per atom type), got {}",
               style_name, ntypes, wanted.words.size());

  PotentialHandle read = read_potential(lmp, wanted.file);
  compile(read.get(), wanted, settings);

  mtprs_potential_facts_t facts;
  MTPRS_INIT(facts);
  mtprs_potential_describe(read.get(), &facts, nullptr);
  cutoff = facts.cutoff;
  close_atoms->watch(wanted.file, facts.min_dist);
  for (size_t i = 1; i <= ntypes; ++i)
    for (size_t j = 1; j <= ntypes; ++j) scale[i][j] = 1.0;
  potential = std::move(read);
}

void PairMTPRS::compile(const mtprs_potential *from, const AskedPotential &wanted,
                        const PairSettings &settings)
{
  CompiledPotential made = compile_potential(lmp, style_name, from, wanted, settings);

  // nothing fails from here on
  if (!allocated) allocate();
  take_settings(settings);
  loaded = wanted;
  evaluator = std::move(made.evaluator);
  species_of_type = std::move(made.species_of_type);
  elements = std::move(made.elements);
  type_masses->expect(loaded.file, elements, species_of_type);
  const size_t ntypes = loaded.words.size();
  scale_of_type.resize(ntypes + 1, 1.0);
  for (size_t i = 1; i <= ntypes; ++i)
    for (size_t j = 1; j <= ntypes; ++j)
      setflag[i][j] = species_of_type[i] >= 0 && species_of_type[j] >= 0;
  if (comm->me == 0) utils::logmesg(lmp, made.report);
  if (made.state) grades->take_state(std::move(made.state), species_of_type);
  add_select_fix();
}

/* ---- around a run ------------------------------------------------------- */

void PairMTPRS::init_style()
{
  if (force->newton_pair == 0)
    error->all(FLERR, "pair style {} requires newton pair on", style_name);
  if (strcmp(update->unit_style, "metal") != 0)
    error->all(FLERR, "pair style {} requires units metal, got units {}", style_name,
               update->unit_style);
  type_masses->check();
  begin_grades();
  exclusions->begin_run();
  trial_moves->begin_run();
  close_atoms->begin_run();
  neighbor->add_request(this, NeighConst::REQ_FULL);
}

double PairMTPRS::init_one(int i, int j)
{
  if (setflag[i][j] == 0)
    error->all(FLERR, "pair style {}: no coefficients for types {} and {}", style_name, i, j);
  scale[j][i] = scale[i][j];
  return cutoff;
}

void PairMTPRS::finish()
{
  close_atoms->end_run();
  const std::string largest = grades->report();
  if (largest.empty() || comm->me != 0) return;
  const FixMTPRSSelect *fix = select_fix();
  utils::logmesg(lmp, "pair style {}: {}{}\n", style_name, largest, fix ? fix->report() : "");
}

/* ---- the fix that saves and stops --------------------------------------- */

std::string PairMTPRS::select_fix_id() const
{
  return "MTPRS_SELECT_" + std::to_string(instance_me);
}

// The fix, or nullptr; LAMMPS owns it, and unfix may take it away.
FixMTPRSSelect *PairMTPRS::select_fix() const
{
  return dynamic_cast<FixMTPRSSelect *>(modify->get_fix_by_id(select_fix_id()));
}

// Adds the fix if it is not there, whatever the keywords are: run pre no makes no new list of fixes, so
// that one which came with other keywords would do nothing. It comes with the potential, when there is
// a box, without which LAMMPS takes no fix, and before minimizers add theirs: fixes that come after
// those are lost in the second stage of neb, which makes no new list of fixes either.
void PairMTPRS::add_select_fix()
{
  if (!select_fix()) FixMTPRSSelect::add(lmp, select_fix_id(), this)->configure(asked.selection);
}

void PairMTPRS::delete_select_fix()
{
  if (select_fix()) modify->delete_fix(select_fix_id());
}

bool PairMTPRS::take_graded()
{
  const bool had = has_graded;
  has_graded = false;
  return had;
}

FrameContents PairMTPRS::frame() const
{
  return {grades->of_configuration(), grades->of_atoms(), species_of_type, elements, *exclusions};
}

// Before a run. A fix that was taken away comes again.
void PairMTPRS::begin_grades()
{
  grades->begin_run();
  has_graded = false;
  add_select_fix();
  if (FixMTPRSSelect *fix = select_fix()) fix->begin_run();
}

/* ---- energies, forces, virials ------------------------------------------ */

void PairMTPRS::compute(int eflag, int vflag)
{
  ev_init(eflag, vflag);
  has_graded = false;

  const Centers centers = exclusions->centers(list, species_of_type);
  const Purpose purpose = trial_moves->purpose();
  const bool graded = grades->is_due(purpose);

  if (graded) grades->clear();
  if (centers.count > 0) evaluate(centers, graded);
  if (vflag_fdotr) virial_fdotr_compute();

  watch_close_atoms(purpose, centers.count > 0 ? evaluator.get() : nullptr);
  if (graded) grades->conclude(purpose, centers);
  has_graded = graded && purpose == Purpose::STEP;
}

void PairMTPRS::evaluate(const Centers &centers, bool graded)
{
  const mtprs_atoms_t atoms = atoms_around(centers);
  mtprs_outputs_t outputs = wanted_outputs();
  if (graded) grades->request(outputs);

  mtprs_error_t problem;
  if (mtprs_evaluator_compute(evaluator.get(), &atoms, &outputs, &problem) != MTPRS_OK)
    fail_evaluation(problem.message, problem.atom);
}

// Atom IDs for messages; not available to the library where LAMMPS keeps them in 64 bits.
template <typename Tag>
static const int32_t *tags_for_messages(const Tag *tag)
{
  if constexpr (std::is_same<Tag, int32_t>::value)
    return tag;
  else
    return nullptr;
}

// LAMMPS's own arrays: nothing is copied but the scales.
mtprs_atoms_t PairMTPRS::atoms_around(const Centers &centers)
{
  for (size_t type = 1; type < scale_of_type.size(); ++type)
    scale_of_type[type] = scale[type][type];

  mtprs_atoms_t atoms;
  MTPRS_INIT(atoms);
  atoms.central_count = centers.count;
  atoms.atom_count = atom->nlocal + atom->nghost;
  atoms.ilist = centers.indices;
  atoms.numneigh = list->numneigh;
  atoms.firstneigh = list->firstneigh;
  atoms.neighbor_mask = NEIGHMASK;
  atoms.type_count = atom->ntypes;
  atoms.positions = reinterpret_cast<const double (*)[3]>(atom->x[0]);
  atoms.types = atom->type;
  atoms.species_of_type = species_of_type.data();
  atoms.scale_of_type = scale_of_type.data();
  atoms.tags = atom->tag_enable ? tags_for_messages(atom->tag) : nullptr;
  return atoms;
}

// What ev_init() has found to be asked for.
mtprs_outputs_t PairMTPRS::wanted_outputs()
{
  mtprs_outputs_t outputs;
  MTPRS_INIT(outputs);
  outputs.energy = eflag_global ? &eng_vdwl : nullptr;
  outputs.atom_energies = eflag_atom ? eatom : nullptr;
  outputs.forces = reinterpret_cast<double (*)[3]>(atom->f[0]);
  outputs.virial = vflag_global ? virial : nullptr;
  outputs.atom_virials = vflag_atom ? reinterpret_cast<double (*)[6]>(vatom[0]) : nullptr;
  outputs.centroid_virials = cvflag_atom ? reinterpret_cast<double (*)[9]>(cvatom[0]) : nullptr;
  return outputs;
}

void PairMTPRS::watch_close_atoms(Purpose purpose, const mtprs_evaluator *used)
{
  if (purpose == Purpose::STEP) close_atoms->look(used);
  if (purpose == Purpose::BEFORE_MOVES) close_atoms->look_before_moves(used);
  if (purpose == Purpose::MOVE && close_atoms->is_refused(used) && comm->me == 0)
    eng_vdwl += REFUSED;
}

void PairMTPRS::fail_evaluation(const char *message, int atom_index) const
{
  std::string where;
  if (!std::is_same<tagint, int32_t>::value && atom->tag_enable && atom_index >= 0)
    where = " (atom ID " + std::to_string(atom->tag[atom_index]) + ")";
  error->one(FLERR, "pair style {}, step {}: {}{}", style_name, update->ntimestep, message, where);
}

/* ---- what other commands ask for ---------------------------------------- */

void *PairMTPRS::extract(const char *name, int &dim)
{
  if (strcmp(name, "scale") == 0) {
    dim = 2;
    return scale;
  }
  if (strcmp(name, "gamma_flag") == 0 && grades->is_on()) {
    dim = 0;
    return grades->trigger();
  }
  return nullptr;
}

void *PairMTPRS::extract_peratom(const char *name, int &ncol)
{
  if (strcmp(name, "gamma") != 0 || !grades->is_on()) return nullptr;
  ncol = 0;
  return grades->room_for_atoms();
}

double PairMTPRS::memory_usage()
{
  return Pair::memory_usage() + static_cast<double>(mtprs_evaluator_memory(evaluator.get())) +
      grades->memory_usage();
}

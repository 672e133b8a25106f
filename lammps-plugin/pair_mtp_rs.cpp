/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "pair_mtp_rs.h"

#include "close_atoms.h"
#include "exclusions.h"
#include "selection.h"
#include "shared_file.h"
#include "species_mapping.h"
#include "trial_moves.h"
#include "type_masses.h"

#include "mtprs.h"

#include "atom.h"
#include "comm.h"
#include "error.h"
#include "force.h"
#include "memory.h"
#include "neigh_list.h"
#include "neighbor.h"
#include "update.h"
#include "utils.h"
#ifndef MTPRS_WITHOUT_CITEME
#include "citeme.h"
#endif

#include <cstring>
#include <type_traits>
#include <unistd.h>

using namespace LAMMPS_NS;

[[maybe_unused]] static const char cite_pair_mtp_rs[] =
    "pair style mtp/rs: doi:10.1137/15M1054183, doi:10.1088/2632-2153/abc9fe\n\n"
    "@Article{Shapeev16,\n"
    " author =  {Alexander V. Shapeev},\n"
    " title =   {Moment Tensor Potentials: A Class of Systematically Improvable Interatomic Potentials},\n"
    " journal = {Multiscale Modeling \\& Simulation},\n"
    " year =    2016,\n"
    " volume =  14,\n"
    " number =  3,\n"
    " pages =   {1153--1173}\n"
    "}\n\n"
    "@Article{Novikov21,\n"
    " author =  {Ivan S. Novikov and Konstantin Gubaev and Evgeny V. Podryabinkin and Alexander V. Shapeev},\n"
    " title =   {The {MLIP} Package: Moment Tensor Potentials with {MPI} and Active Learning},\n"
    " journal = {Machine Learning: Science and Technology},\n"
    " year =    2021,\n"
    " volume =  2,\n"
    " number =  2,\n"
    " pages =   {025002}\n"
    "}\n\n";

// Energy of a move that must not be accepted, eV: the one by which fix gcmc marks atoms that
// overlap.
static const double REFUSED = 1e100;

static mtprs_potential_facts_t facts_of(const mtprs_potential *potential)
{
  mtprs_potential_facts_t facts;
  MTPRS_INIT(facts);
  mtprs_potential_describe(potential, &facts, nullptr);
  return facts;
}

/* ---------------------------------------------------------------------- */

PairMTPRS::PairMTPRS(LAMMPS *lmp) : PairMTPRS(lmp, "mtp/rs") {}

PairMTPRS::PairMTPRS(LAMMPS *lmp, const char *name) :
    Pair(lmp), style_name(name), selection(new Selection(lmp, name)),
    close_atoms(new CloseAtoms(lmp, name)), exclusions(new Exclusions(lmp, name)),
    trial_moves(new TrialMoves(lmp)), type_masses(new TypeMasses(lmp, name)),
    potential(nullptr, &mtprs_potential_free), evaluator(nullptr, &mtprs_evaluator_free),
    cutoff(0.0), scale(nullptr)
{
  single_enable = 0;
  restartinfo = 0;
  one_coeff = 1;
  manybody_flag = 1;
  centroidstressflag = CENTROID_AVAIL;
#ifndef MTPRS_WITHOUT_CITEME
  if (lmp->citeme) lmp->citeme->add(cite_pair_mtp_rs);
#endif
}

PairMTPRS::~PairMTPRS()
{
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
  if (!problem.empty()) error->all(FLERR, "pair_style " + style_name + ": " + problem);
  ask_for(settings);
}

void PairMTPRS::ask_for(const PairSettings &settings)
{
  if (settings.threads > 1) report_threads(settings.threads);
  // LAMMPS keeps the coefficients when the same pair_style is given again
  if (has_potential())
    compile(potential.get(), loaded_file, type_words, settings);
  else
    take_settings(settings);
}

void PairMTPRS::take_settings(const PairSettings &settings)
{
  asked = settings;
  selection->configure(settings.selection);
  nextra = selection->is_on() ? 1 : 0;
  pvector = selection->first_rank_grade();
}

// Ranks of this simulation on the computer of this rank.
static int ranks_on_this_computer(MPI_Comm world, int nprocs)
{
  char name[MPI_MAX_PROCESSOR_NAME] = {};
  int length;
  MPI_Get_processor_name(name, &length);
  std::vector<char> names(static_cast<size_t>(nprocs) * sizeof(name));
  MPI_Allgather(name, sizeof(name), MPI_CHAR, names.data(), sizeof(name), MPI_CHAR, world);
  int count = 0;
  for (size_t start = 0; start < names.size(); start += sizeof(name))
    count += strncmp(&names[start], name, sizeof(name)) == 0;
  return count;
}

void PairMTPRS::report_threads(int threads) const
{
  const long ranks = ranks_on_this_computer(world, comm->nprocs);
  const long cores = sysconf(_SC_NPROCESSORS_ONLN);
  const double own = cores > 0 ? static_cast<double>(ranks * threads) / cores : 0.0;
  struct {
    double share;
    int rank;
  } mine = {own, comm->me}, fullest;
  MPI_Allreduce(&mine, &fullest, 1, MPI_DOUBLE_INT, MPI_MAXLOC, world);
  long counts[2] = {ranks, cores};
  MPI_Bcast(counts, 2, MPI_LONG, fullest.rank, world);
  if (comm->me != 0) return;
  utils::logmesg(lmp,
                 "pair style " + style_name + ": " + std::to_string(threads) +
                     " threads on each of " + std::to_string(comm->nprocs) + " MPI ranks\n");
  if (fullest.share > 1.0)
    error->warning(FLERR,
                   "pair style " + style_name + ": " + std::to_string(counts[0]) +
                       " MPI ranks with " + std::to_string(threads) + " threads each share " +
                       std::to_string(counts[1]) + " cores");
}

/* ---- pair_coeff --------------------------------------------------------- */

void PairMTPRS::coeff(int narg, char **arg)
{
  if (narg < 3 || strcmp(arg[0], "*") != 0 || strcmp(arg[1], "*") != 0)
    error->all(FLERR,
               "pair_coeff for pair style " + style_name +
                   " must be * *, a potential file, and one element per atom type");
  load_potential(arg[2], std::vector<std::string>(arg + 3, arg + narg), asked);
}

void PairMTPRS::load_potential(const std::string &path, const std::vector<std::string> &words,
                               const PairSettings &settings)
{
  const size_t ntypes = atom->ntypes;
  if (words.size() != ntypes)
    error->all(FLERR,
               "pair_coeff for pair style " + style_name + ": expected " + std::to_string(ntypes) +
                   " elements (one per atom type), got " + std::to_string(words.size()));

  Potential parsed = parse_potential(read_shared_file(lmp, path), path);
  compile(parsed.get(), path, words, settings);

  potential = std::move(parsed);
  cutoff = facts_of(potential.get()).cutoff;
  close_atoms->watch(path, facts_of(potential.get()).min_dist);
  for (size_t i = 1; i <= ntypes; ++i)
    for (size_t j = 1; j <= ntypes; ++j) scale[i][j] = 1.0;
}

// Makes the evaluator and everything else that hangs on potential, mapping and settings together.
void PairMTPRS::compile(const mtprs_potential *from, const std::string &path,
                        const std::vector<std::string> &words, const PairSettings &settings)
{
  const SpeciesNames names(from, path, settings.species);
  const std::string contradiction = names.contradiction();
  if (!contradiction.empty()) error->all(FLERR, "pair_style " + style_name + ": " + contradiction);
  std::vector<int32_t> mapped;
  const std::string problem = names.map_types(words, mapped);
  if (!problem.empty())
    error->all(FLERR, "pair_coeff for pair style " + style_name + ": " + problem);
  const Selection::State state = selection->read_state(settings.selection, from);
  Evaluator made = compiled(from, path, settings, state.get());

  if (!allocated) allocate();
  take_settings(settings);
  evaluator = std::move(made);
  species_of_type = std::move(mapped);
  loaded_file = path;
  type_words = words;
  type_masses->expect(path, names.elements(), species_of_type);
  const size_t ntypes = words.size();
  scale_of_type.resize(ntypes + 1, 1.0);
  for (size_t i = 1; i <= ntypes; ++i)
    for (size_t j = 1; j <= ntypes; ++j)
      setflag[i][j] = species_of_type[i] >= 0 && species_of_type[j] >= 0;
  if (comm->me == 0) report_potential(from, names.report(species_of_type));
  if (state) selection->take_state(state, species_of_type, names.elements());
}

PairMTPRS::Potential PairMTPRS::parse_potential(const std::string &text,
                                                const std::string &path) const
{
  mtprs_error_t problem;
  mtprs_potential_t *parsed = nullptr;
  if (mtprs_potential_parse(text.data(), text.size(), path.c_str(), &parsed, &problem) != MTPRS_OK)
    error->all(FLERR, std::string(problem.message));
  return {parsed, &mtprs_potential_free};
}

PairMTPRS::Evaluator PairMTPRS::compiled(const mtprs_potential *from, const std::string &path,
                                         const PairSettings &settings,
                                         const mtprs_selection *state) const
{
  mtprs_error_t problem;
  mtprs_evaluator_t *made = nullptr;
  mtprs_evaluator_options_t options;
  MTPRS_INIT(options);
  options.threads = settings.threads;
  options.precision = settings.precision;
  options.selection = state;
  if (mtprs_evaluator_create(from, &options, &made, &problem) != MTPRS_OK)
    error->all(FLERR, path + ": " + problem.message);
  return {made, &mtprs_evaluator_free};
}

void PairMTPRS::report_potential(const mtprs_potential *from, const std::string &mapping) const
{
  const mtprs_potential_facts_t facts = facts_of(from);
  char numbers[256];
  snprintf(
      numbers, sizeof(numbers),
      "  radial functions from %g A (min_dist) to %g A (cutoff), %zu parameters, %zu basis functions\n",
      facts.min_dist, facts.cutoff, facts.parameter_count, facts.basis_function_count);
  utils::logmesg(lmp,
                 "pair style " + style_name + ": potential " + loaded_file + " (mtprs " +
                     mtprs_version() + ")\n" + numbers +
                     (asked.precision == MTPRS_PRECISION_MIXED
                          ? "  mixed precision: single for the work per neighbor, double for sums\n"
                          : "") +
                     mapping);
}

/* ---- initialization ----------------------------------------------------- */

void PairMTPRS::init_style()
{
  if (force->newton_pair == 0)
    error->all(FLERR, "pair style " + style_name + " requires newton pair on");
  if (strcmp(update->unit_style, "metal") != 0)
    error->all(FLERR,
               "pair style " + style_name + " requires units metal, got units " +
                   update->unit_style);
  type_masses->check();
  selection->prepare_run();
  exclusions->begin_run();
  trial_moves->begin_run();
  close_atoms->begin_run();
  neighbor->add_request(this, NeighConst::REQ_FULL);
}

double PairMTPRS::init_one(int i, int j)
{
  if (setflag[i][j] == 0)
    error->all(FLERR,
               "pair style " + style_name + ": no coefficients for types " + std::to_string(i) +
                   " and " + std::to_string(j));
  scale[j][i] = scale[i][j];
  return cutoff;
}

/* ---- energies, forces, virials ------------------------------------------ */

// Atom IDs for messages; not available to the library where LAMMPS keeps them in 64 bits.
template <typename Tag>
static const int32_t *tags_for_messages(const Tag *tag)
{
  if constexpr (std::is_same<Tag, int32_t>::value)
    return tag;
  else
    return nullptr;
}

void PairMTPRS::compute(int eflag, int vflag)
{
  ev_init(eflag, vflag);

  const Centers centers = exclusions->centers(list, species_of_type);
  const Purpose purpose = trial_moves->purpose();
  mtprs_outputs_t outputs;
  MTPRS_INIT(outputs);
  const bool graded = selection->is_due(purpose);
  if (graded) selection->request(outputs);

  if (centers.count > 0) {
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

    outputs.energy = eflag_global ? &eng_vdwl : nullptr;
    outputs.atom_energies = eflag_atom ? eatom : nullptr;
    outputs.forces = reinterpret_cast<double (*)[3]>(atom->f[0]);
    outputs.virial = vflag_global ? virial : nullptr;
    outputs.atom_virials = vflag_atom ? reinterpret_cast<double (*)[6]>(vatom[0]) : nullptr;
    outputs.centroid_virials = cvflag_atom ? reinterpret_cast<double (*)[9]>(cvatom[0]) : nullptr;

    mtprs_error_t problem;
    if (mtprs_evaluator_compute(evaluator.get(), &atoms, &outputs, &problem) != MTPRS_OK)
      fail_evaluation(problem.message, problem.atom);
  }
  watch_close_atoms(purpose, centers.count > 0 ? evaluator.get() : nullptr);

  if (vflag_fdotr) virial_fdotr_compute();
  if (graded) selection->act(purpose, centers, *exclusions);
}

void PairMTPRS::watch_close_atoms(Purpose purpose, const mtprs_evaluator *used)
{
  if (purpose == Purpose::STEP) close_atoms->look(used);
  if (purpose == Purpose::BEFORE_MOVES) close_atoms->look_before_moves(used);
  if (purpose == Purpose::MOVE && close_atoms->is_refused(used) && comm->me == 0)
    eng_vdwl += REFUSED;
}

void PairMTPRS::finish()
{
  close_atoms->end_run();
  selection->report();
}

void PairMTPRS::fail_evaluation(const char *message, int atom_index) const
{
  std::string text =
      "pair style " + style_name + ", step " + std::to_string(update->ntimestep) + ": " + message;
  if (!std::is_same<tagint, int32_t>::value && atom->tag_enable && atom_index >= 0)
    text += " (atom ID " + std::to_string(atom->tag[atom_index]) + ")";
  error->one(FLERR, text);
}

/* ---- what other commands ask for ---------------------------------------- */

void *PairMTPRS::extract(const char *name, int &dim)
{
  if (strcmp(name, "scale") == 0) {
    dim = 2;
    return scale;
  }
  if (strcmp(name, "gamma_flag") == 0 && selection->is_on()) {
    dim = 0;
    return selection->trigger();
  }
  return nullptr;
}

void *PairMTPRS::extract_peratom(const char *name, int &ncol)
{
  if (strcmp(name, "gamma") != 0 || !selection->is_on()) return nullptr;
  ncol = 0;
  return selection->atom_grades();
}

double PairMTPRS::memory_usage()
{
  return Pair::memory_usage() + static_cast<double>(mtprs_evaluator_memory(evaluator.get())) +
      selection->memory_usage();
}

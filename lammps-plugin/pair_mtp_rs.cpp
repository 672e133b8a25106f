/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "pair_mtp_rs.h"

#include "selection.h"
#include "shared_file.h"
#include "species_mapping.h"

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

#include <algorithm>
#include <cstring>
#include <limits>
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

// Threads that the library starts at most.
static const int MOST_THREADS = 1024;

static const double INFINITE = std::numeric_limits<double>::infinity();

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
    Pair(lmp), style_name(name), selection(new Selection(lmp, name)), threads(1),
    precision(MTPRS_PRECISION_DOUBLE), evaluator(nullptr, &mtprs_evaluator_free), cutoff(0.0), min_dist(0.0),
    closest({INFINITE, {0, 0}}), warned_of_close_atoms(false), scale(nullptr)
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
  given_species.clear();
  threads = 1;
  precision = MTPRS_PRECISION_DOUBLE;
  SelectionSettings grading;
  for (int iarg = 0; iarg < narg;) {
    const std::string keyword = arg[iarg];
    if (keyword == "species") {
      read_species_keyword(narg, arg, ++iarg);
    } else if (keyword == "threads") {
      read_threads_keyword(narg, arg, ++iarg);
    } else if (keyword == "precision") {
      read_precision_keyword(narg, arg, ++iarg);
    } else if (is_selection_keyword(keyword)) {
      const std::string problem =
          take_selection_keyword(keyword, iarg + 1 < narg ? arg[iarg + 1] : nullptr, grading);
      if (!problem.empty()) error->all(FLERR, "pair_style " + style_name + ": " + problem);
      iarg += 2;
    } else {
      error->all(FLERR,
                 "pair_style " + style_name + ": unknown keyword " + keyword +
                     ", expected species, threads, precision, state, mode, every, select, break or save");
    }
  }
  if (threads > 1) report_threads();
  configure_selection(grading);
}

void PairMTPRS::configure_selection(const SelectionSettings &settings)
{
  selection->configure(settings);
  nextra = selection->is_on() ? 1 : 0;
  pvector = selection->first_rank_grade();
}

static bool looks_like_an_element(const std::string &word)
{
  const auto is_lower = [](char letter) { return letter >= 'a' && letter <= 'z'; };
  return !word.empty() && word.size() <= 2 && word[0] >= 'A' && word[0] <= 'Z' &&
      std::all_of(word.begin() + 1, word.end(), is_lower);
}

// Takes the elements that follow the keyword species; the first word of another form is the next keyword.
void PairMTPRS::read_species_keyword(int narg, char **arg, int &iarg)
{
  given_species.clear();
  for (; iarg < narg && looks_like_an_element(arg[iarg]); ++iarg) {
    if (std::find(given_species.begin(), given_species.end(), arg[iarg]) != given_species.end())
      error->all(FLERR,
                 "pair_style " + style_name + ": element " + arg[iarg] + " is listed twice after species");
    given_species.emplace_back(arg[iarg]);
  }
  if (given_species.empty())
    error->all(FLERR,
               "pair_style " + style_name + ": expected element symbols after species, got " +
                   (iarg < narg ? arg[iarg] : "nothing"));
}

void PairMTPRS::read_threads_keyword(int narg, char **arg, int &iarg)
{
  const std::string word = iarg < narg ? arg[iarg++] : "nothing";
  const bool is_number = !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
  threads = is_number && word.size() < 9 ? std::stoi(word) : is_number ? MOST_THREADS + 1 : 0;
  if (threads < 1 || threads > MOST_THREADS)
    error->all(FLERR,
               "pair_style " + style_name + ": expected a number of threads from 1 to " +
                   std::to_string(MOST_THREADS) + " after threads, got " + word);
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

void PairMTPRS::report_threads() const
{
  const long ranks = ranks_on_this_computer(world, comm->nprocs);
  const long cores = sysconf(_SC_NPROCESSORS_ONLN);
  struct {
    double share;
    int rank;
  } mine = {cores > 0 ? static_cast<double>(ranks * threads) / cores : 0.0, comm->me}, fullest;
  MPI_Allreduce(&mine, &fullest, 1, MPI_DOUBLE_INT, MPI_MAXLOC, world);
  if (comm->me == 0)
    utils::logmesg(lmp,
                   "pair style " + style_name + ": " + std::to_string(threads) + " threads on each of " +
                       std::to_string(comm->nprocs) + " MPI ranks\n");
  if (fullest.share > 1.0 && fullest.rank == comm->me)
    error->warning(FLERR,
                   "pair style " + style_name + ": " + std::to_string(ranks) + " MPI ranks with " +
                       std::to_string(threads) + " threads each share " + std::to_string(cores) + " cores");
}

void PairMTPRS::read_precision_keyword(int narg, char **arg, int &iarg)
{
  const std::string word = iarg < narg ? arg[iarg++] : "nothing";
  if (word == "double") {
    precision = MTPRS_PRECISION_DOUBLE;
  } else if (word == "mixed") {
    precision = MTPRS_PRECISION_MIXED;
  } else {
    error->all(FLERR, "pair_style " + style_name + ": expected double or mixed after precision, got " + word);
  }
}

/* ---- pair_coeff --------------------------------------------------------- */

void PairMTPRS::coeff(int narg, char **arg)
{
  if (narg < 3 || strcmp(arg[0], "*") != 0 || strcmp(arg[1], "*") != 0)
    error->all(FLERR,
               "pair_coeff for pair style " + style_name +
                   " must be * *, a potential file, and one element per atom type");
  load_potential(arg[2], std::vector<std::string>(arg + 3, arg + narg));
}

void PairMTPRS::load_potential(const std::string &path, const std::vector<std::string> &words)
{
  const size_t ntypes = atom->ntypes;
  if (words.size() != ntypes)
    error->all(FLERR,
               "pair_coeff for pair style " + style_name + ": expected " + std::to_string(ntypes) +
                   " elements (one per atom type), got " + std::to_string(words.size()));

  const Potential potential = parse_potential(read_shared_file(lmp, path), path);
  const SpeciesNames names(potential.get(), path, given_species);
  const std::string contradiction = names.contradiction();
  if (!contradiction.empty()) error->all(FLERR, "pair_style " + style_name + ": " + contradiction);
  std::vector<int32_t> mapped;
  const std::string problem = names.map_types(words, mapped);
  if (!problem.empty()) error->all(FLERR, "pair_coeff for pair style " + style_name + ": " + problem);
  const std::shared_ptr<const mtprs_selection> state =
      selection->is_on() ? selection->read_state(potential.get()) : nullptr;
  Evaluator compiled = compile_potential(potential.get(), path, state.get());

  if (!allocated) allocate();
  evaluator = std::move(compiled);
  species_of_type = std::move(mapped);
  scale_of_type.assign(ntypes + 1, 1.0);
  loaded_file = path;
  cutoff = facts_of(potential.get()).cutoff;
  min_dist = facts_of(potential.get()).min_dist;
  closest = {INFINITE, {0, 0}};
  warned_of_close_atoms = false;
  for (size_t i = 1; i <= ntypes; ++i)
    for (size_t j = 1; j <= ntypes; ++j) {
      setflag[i][j] = species_of_type[i] >= 0 && species_of_type[j] >= 0;
      scale[i][j] = 1.0;
    }
  if (comm->me == 0) report_potential(potential.get(), path, names.report(species_of_type));
  if (state) selection->take_state(state, species_of_type, names.elements());
}

PairMTPRS::Potential PairMTPRS::parse_potential(const std::string &text, const std::string &path) const
{
  mtprs_error_t problem;
  mtprs_potential_t *parsed = nullptr;
  if (mtprs_potential_parse(text.data(), text.size(), path.c_str(), &parsed, &problem) != MTPRS_OK)
    error->all(FLERR, std::string(problem.message));
  return {parsed, &mtprs_potential_free};
}

PairMTPRS::Evaluator PairMTPRS::compile_potential(const mtprs_potential *potential, const std::string &path,
                                                  const mtprs_selection *state) const
{
  mtprs_error_t problem;
  mtprs_evaluator_t *compiled = nullptr;
  mtprs_evaluator_options_t options;
  MTPRS_INIT(options);
  options.threads = threads;
  options.precision = precision;
  options.selection = state;
  if (mtprs_evaluator_create(potential, &options, &compiled, &problem) != MTPRS_OK)
    error->all(FLERR, path + ": " + problem.message);
  return {compiled, &mtprs_evaluator_free};
}

void PairMTPRS::report_potential(const mtprs_potential *potential, const std::string &path,
                                 const std::string &mapping) const
{
  const mtprs_potential_facts_t facts = facts_of(potential);
  char numbers[256];
  snprintf(numbers, sizeof(numbers),
           "  cutoff %g A, shortest distance in training %g A, %zu parameters, %zu basis functions\n",
           facts.cutoff, facts.min_dist, facts.parameter_count, facts.basis_function_count);
  utils::logmesg(lmp,
                 "pair style " + style_name + ": potential " + path + " (mtprs " + mtprs_version() + ")\n" +
                     numbers +
                     (precision == MTPRS_PRECISION_MIXED
                          ? "  mixed precision: single for the work per neighbor, double for sums\n"
                          : "") +
                     mapping);
}

/* ---- initialization ----------------------------------------------------- */

void PairMTPRS::init_style()
{
  if (force->newton_pair == 0) error->all(FLERR, "pair style " + style_name + " requires newton pair on");
  if (strcmp(update->unit_style, "metal") != 0)
    error->all(FLERR, "pair style " + style_name + " requires units metal, got units " + update->unit_style);
  selection->prepare_run();
  neighbor->add_request(this, NeighConst::REQ_FULL);
}

double PairMTPRS::init_one(int i, int j)
{
  if (setflag[i][j] == 0)
    error->all(FLERR,
               "pair style " + style_name + ": no coefficients for types " + std::to_string(i) + " and " +
                   std::to_string(j));
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

  mtprs_outputs_t outputs;
  MTPRS_INIT(outputs);
  const bool graded = selection->is_due();
  if (graded) selection->request(outputs);

  if (list->inum > 0) {
    for (size_t type = 1; type < scale_of_type.size(); ++type) scale_of_type[type] = scale[type][type];

    mtprs_atoms_t atoms;
    MTPRS_INIT(atoms);
    atoms.central_count = list->inum;
    atoms.atom_count = atom->nlocal + atom->nghost;
    atoms.ilist = list->ilist;
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
  if (!warned_of_close_atoms) watch_close_atoms();

  if (vflag_fdotr) virial_fdotr_compute();
  if (graded) selection->act(list);
}

void PairMTPRS::finish()
{
  selection->report();
}

// One warning for each potential when atoms come closer than any in the training. Ranks agree on it on steps that rebuild
// the neighbor lists, on which LAMMPS communicates anyway.
void PairMTPRS::watch_close_atoms()
{
  double distance;
  int32_t pair[2];
  if (list->inum > 0 && mtprs_evaluator_closest_pair(evaluator.get(), &distance, pair) &&
      distance < closest.distance)
    closest = {distance,
               {atom->tag_enable ? atom->tag[pair[0]] : 0, atom->tag_enable ? atom->tag[pair[1]] : 0}};
  if (neighbor->ago != 0) return;

  struct {
    double distance;
    int rank;
  } mine = {closest.distance, comm->me}, first;
  MPI_Allreduce(&mine, &first, 1, MPI_DOUBLE_INT, MPI_MINLOC, world);
  warned_of_close_atoms = first.distance < min_dist;
  if (!warned_of_close_atoms || first.rank != comm->me) return;
  char text[256];
  snprintf(text, sizeof(text),
           ": atoms %lld and %lld are %.3f A apart, closer than any in the training (%.3f A); the potential "
           "extrapolates",
           static_cast<long long>(closest.ids[0]), static_cast<long long>(closest.ids[1]), closest.distance,
           min_dist);
  error->warning(FLERR, "pair style " + style_name + ", " + loaded_file + text);
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

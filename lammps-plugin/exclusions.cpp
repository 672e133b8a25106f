/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "exclusions.h"

#include "atom.h"
#include "comm.h"
#include "error.h"
#include "force.h"
#include "lammps.h"
#include "neigh_list.h"
#include "neighbor.h"

#include <algorithm>
#include <map>
#include <mpi.h>

using namespace LAMMPS_NS;

// Bit of the group all.
static constexpr int ALL = 1;

Exclusions::Exclusions(LAMMPS *lmp, const std::string &style_name) :
    lmp(lmp), style_name(style_name), is_new_run(true)
{
}

void Exclusions::begin_run()
{
  is_new_run = true;
}

Centers Exclusions::centers(const NeighList *list, const std::vector<int32_t> &species_of_type)
{
  if (is_new_run) warn_of_bonds(species_of_type);
  const bool active = lmp->neighbor->exclude != 0 || lmp->neighbor->includegroup != 0;
  if (!active) {
    absent.clear();
    is_new_run = false;
    return {list->inum, list->ilist};
  }
  // lists hold what was excluded when they were built
  if (is_new_run || lmp->neighbor->ago == 0) mark(list, species_of_type);
  if (is_new_run) warn(species_of_type);
  is_new_run = false;
  return {static_cast<int>(present.size()), present.data()};
}

/* ---- which atoms ---------------------------------------------------------- */

void Exclusions::mark(const NeighList *list, const std::vector<int32_t> &species_of_type)
{
  std::vector<Kind> parted;
  const std::vector<Counted> all = kinds_of_all_ranks(list, species_of_type);
  for (const Counted &one : all)
    if (is_parted(one, all)) parted.push_back(one.kind);

  // with neigh_modify include the list has the atoms of one group only
  absent.assign(lmp->atom->nlocal, lmp->neighbor->includegroup != 0);
  present.clear();
  for (int k = 0; k < list->inum; ++k) {
    const int atom = list->ilist[k];
    absent[atom] = std::binary_search(parted.begin(), parted.end(), kind_of(atom));
    if (!absent[atom]) present.push_back(atom);
  }
}

Exclusions::Kind Exclusions::kind_of(int atom) const
{
  const Neighbor *neighbor = lmp->neighbor;
  int groups = 0;
  for (int m = 0; m < neighbor->nex_group; ++m)
    groups |= neighbor->ex1_bit[m] | neighbor->ex2_bit[m];
  return {lmp->atom->type[atom], lmp->atom->mask[atom] & groups};
}

// Kinds of the atoms that the potential sees, in order, the same on all ranks.
std::vector<Exclusions::Counted> Exclusions::kinds_of_all_ranks(
    const NeighList *list, const std::vector<int32_t> &species_of_type) const
{
  std::map<Kind, bigint> own;
  for (int k = 0; k < list->inum; ++k)
    if (species_of_type[lmp->atom->type[list->ilist[k]]] >= 0) ++own[kind_of(list->ilist[k])];
  std::vector<bigint> words;
  for (const auto &entry : own)
    words.insert(words.end(), {entry.first.type, entry.first.groups, entry.second});

  int count = static_cast<int>(words.size());    // not const: LAMMPS's stubs for MPI
  std::vector<int> counts(lmp->comm->nprocs), places(lmp->comm->nprocs);
  MPI_Allgather(&count, 1, MPI_INT, counts.data(), 1, MPI_INT, lmp->world);
  int total = 0;
  for (size_t rank = 0; rank < counts.size(); ++rank) {
    places[rank] = total;
    total += counts[rank];
  }
  std::vector<bigint> all_words(total);
  MPI_Allgatherv(words.data(), count, MPI_LMP_BIGINT, all_words.data(), counts.data(),
                 places.data(), MPI_LMP_BIGINT, lmp->world);
  std::map<Kind, bigint> all;
  for (int k = 0; k < total; k += 3)
    all[{static_cast<int>(all_words[k]), static_cast<int>(all_words[k + 1])}] += all_words[k + 2];
  std::vector<Counted> counted;
  for (const auto &entry : all) counted.push_back({entry.first, entry.second});
  return counted;
}

// Whether neighbor lists leave out pairs of these kinds. Exclusions by molecule are not looked at:
// they part atoms of an open number of molecules from each other, never a kind from all.
bool Exclusions::is_excluded(const Kind &a, const Kind &b) const
{
  const Neighbor *neighbor = lmp->neighbor;
  for (int m = 0; m < neighbor->nex_type; ++m) {
    const int one = neighbor->ex1_type[m], other = neighbor->ex2_type[m];
    if ((a.type == one && b.type == other) || (a.type == other && b.type == one)) return true;
  }
  for (int m = 0; m < neighbor->nex_group; ++m) {
    const int one = neighbor->ex1_bit[m], other = neighbor->ex2_bit[m];
    if ((a.groups & one && b.groups & other) || (a.groups & other && b.groups & one)) return true;
  }
  return false;
}

// Whether a group of this kind is excluded from the group all. fix gcmc takes atoms that it tries
// to delete out of all other groups, all among them: then they are not excluded from each other,
// nor from their own images.
bool Exclusions::is_excluded_from_all(const Kind &kind) const
{
  const Neighbor *neighbor = lmp->neighbor;
  for (int m = 0; m < neighbor->nex_group; ++m) {
    const int one = neighbor->ex1_bit[m], other = neighbor->ex2_bit[m];
    if ((other == ALL && kind.groups & one) || (one == ALL && kind.groups & other)) return true;
  }
  return false;
}

// Whether there are others and all of them are excluded.
bool Exclusions::is_parted(const Counted &one, const std::vector<Counted> &all) const
{
  if (is_excluded_from_all(one.kind)) return true;
  bool has_others = false;
  for (const Counted &other : all) {
    const bool is_itself = !(one.kind < other.kind) && !(other.kind < one.kind);
    if (is_itself && other.count == 1) continue;
    if (!is_excluded(one.kind, other.kind)) return false;
    has_others = true;
  }
  return has_others;
}

/* ---- what users are told -------------------------------------------------- */

// Whether this rank has atoms that the potential sees, with bonds of a kind that is left out.
bool Exclusions::has_bonded_neighbors(const std::vector<int32_t> &species_of_type,
                                      const bool (&is_left_out)[4]) const
{
  const Atom *atom = lmp->atom;
  for (int i = 0; i < atom->nlocal; ++i) {
    if (species_of_type[atom->type[i]] < 0) continue;
    for (int k = 0; k < atom->nspecial[i][2]; ++k) {
      const int kind = k < atom->nspecial[i][0] ? 1 : k < atom->nspecial[i][1] ? 2 : 3;
      const int other = is_left_out[kind] ? lmp->atom->map(atom->special[i][k]) : -1;
      if (other >= 0 && species_of_type[atom->type[other]] >= 0) return true;
    }
  }
  return false;
}

// Lists leave out bonded neighbors whose weights are zero, which they are unless special_bonds sets
// them; but not where a long-range or damped Coulomb style needs all of them.
void Exclusions::warn_of_bonds(const std::vector<int32_t> &species_of_type) const
{
  const Force *force = lmp->force;
  if (lmp->atom->molecular != Atom::MOLECULAR || lmp->atom->map_style == Atom::MAP_NONE ||
      force->kspace)
    return;
  for (const char *style : {"coul/wolf", "coul/dsf", "coul/exclude", "thole"})
    if (lmp->force->pair_match(style, 0)) return;
  static const char *const KINDS[] = {"", "1-2", "1-3", "1-4"};
  bool is_left_out[4] = {false, false, false, false};
  std::string left_out;
  for (int k = 1; k <= 3; ++k) {
    is_left_out[k] = force->special_lj[k] == 0.0 && force->special_coul[k] == 0.0;
    if (is_left_out[k]) left_out += (left_out.empty() ? "" : ", ") + std::string(KINDS[k]);
  }
  if (left_out.empty()) return;
  int own = has_bonded_neighbors(species_of_type, is_left_out), any = 0;
  MPI_Allreduce(&own, &any, 1, MPI_INT, MPI_MAX, lmp->world);
  if (!any || lmp->comm->me != 0) return;
  lmp->error->warning(
      FLERR,
      "pair style " + style_name + ": bonded neighbors (" + left_out +
          ") are left out of the neighbor lists, so the energies of their atoms are wrong"
          "\n  hint: special_bonds lj/coul 1.0 1.0 1.0");
}

// Whether every exclusion is one of a group from all atoms: then only absent atoms make a change.
bool Exclusions::are_all_with_group_all() const
{
  const Neighbor *neighbor = lmp->neighbor;
  if (neighbor->nex_type > 0 || neighbor->nex_mol > 0) return false;
  for (int m = 0; m < neighbor->nex_group; ++m)
    if (neighbor->ex1_bit[m] != ALL && neighbor->ex2_bit[m] != ALL) return false;
  return true;
}

void Exclusions::warn(const std::vector<int32_t> &species_of_type)
{
  bigint own = 0, count = 0;
  for (int i = 0; i < lmp->atom->nlocal; ++i)
    own += absent[i] && species_of_type[lmp->atom->type[i]] >= 0;
  MPI_Reduce(&own, &count, 1, MPI_LMP_BIGINT, MPI_SUM, 0, lmp->world);
  if (lmp->comm->me != 0) return;
  const char *further = are_all_with_group_all()
      ? ""
      : "; all others have the many-body energies of neighborhoods without the excluded atoms";
  lmp->error->warning(FLERR,
                      "pair style {}: neighbors are excluded (by neigh_modify, or by a fix such as "
                      "gcmc): atoms excluded from all others count as deleted ({} now){}",
                      style_name, count, further);
}

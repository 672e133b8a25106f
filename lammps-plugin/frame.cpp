/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "frame.h"

#include "exclusions.h"

#include "atom.h"
#include "comm.h"
#include "domain.h"
#include "force.h"
#include "lammps.h"
#include "update.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>

using namespace LAMMPS_NS;

namespace {

struct FrameAtom {
  tagint id;
  int32_t species;
  double position[3];    // Angstrom
  double grade;
};

// Atoms of this rank that the frame is to have.
std::vector<FrameAtom> own_atoms(LAMMPS *lmp, const FrameContents &contents)
{
  const Atom *atom = lmp->atom;
  std::vector<FrameAtom> atoms;
  atoms.reserve(atom->nlocal);
  for (int i = 0; i < atom->nlocal; ++i) {
    const int32_t species = contents.species[atom->type[i]];
    if (species < 0 || contents.exclusions.is_absent(i)) continue;
    double x[3] = {atom->x[i][0], atom->x[i][1], atom->x[i][2]};
    lmp->domain->remap(x);
    const double *origin = lmp->domain->boxlo;
    atoms.push_back({atom->tag[i],
                     species,
                     {x[0] - origin[0], x[1] - origin[1], x[2] - origin[2]},
                     contents.atom_grades ? contents.atom_grades[i] : 0.0});
  }
  return atoms;
}

// The atoms of all ranks on rank 0, in the order of their IDs.
std::vector<FrameAtom> gathered(LAMMPS *lmp, const std::vector<FrameAtom> &own)
{
  const bool first = lmp->comm->me == 0;
  int count = static_cast<int>(own.size());    // not const: LAMMPS's stubs for MPI
  std::vector<int> counts(lmp->comm->nprocs), places(lmp->comm->nprocs);
  MPI_Gather(&count, 1, MPI_INT, counts.data(), 1, MPI_INT, 0, lmp->world);
  size_t total = 0;
  for (size_t rank = 0; first && rank < counts.size(); ++rank) {
    places[rank] = static_cast<int>(total);
    total += counts[rank];
  }
  std::vector<FrameAtom> all(total);
  MPI_Datatype type;
  MPI_Type_contiguous(sizeof(FrameAtom), MPI_BYTE, &type);
  MPI_Type_commit(&type);
  // MPI of old takes no const
  MPI_Gatherv(const_cast<FrameAtom *>(own.data()), count, type, all.data(), counts.data(),
              places.data(), type, 0, lmp->world);
  MPI_Type_free(&type);
  std::sort(all.begin(), all.end(),
            [](const FrameAtom &a, const FrameAtom &b) { return a.id < b.id; });
  return all;
}

// Temperature of all atoms by the velocities that they have now, K; all directions count but those
// of the center of mass.
double temperature(LAMMPS *lmp)
{
  const Atom *atom = lmp->atom;
  double own = 0.0, twice_kinetic = 0.0;
  for (int i = 0; i < atom->nlocal; ++i) {
    const double *v = atom->v[i];
    const double mass = atom->rmass ? atom->rmass[i] : atom->mass[atom->type[i]];
    own += mass * (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
  }
  MPI_Reduce(&own, &twice_kinetic, 1, MPI_DOUBLE, MPI_SUM, 0, lmp->world);
  const double freedom = lmp->domain->dimension * (static_cast<double>(atom->natoms) - 1.0);
  return freedom > 0.0 ? twice_kinetic * lmp->force->mvv2e / (freedom * lmp->force->boltz) : 0.0;
}

__attribute__((format(printf, 2, 3))) void add(std::string &text, const char *format, ...)
{
  char line[256];
  va_list values;
  va_start(values, format);
  vsnprintf(line, sizeof(line), format, values);
  va_end(values);
  text += line;
}

// A number with 17 digits, which stand for one double only; without an exponent, which some readers
// of .cfg files do not know in the columns of atoms.
std::string decimal(double value)
{
  char text[800];
  const int magnitude =
      value == 0.0 ? 0 : static_cast<int>(std::floor(std::log10(std::abs(value))));
  snprintf(text, sizeof(text), "%.*f", std::min(std::max(16 - magnitude, 1), 340), value);
  return text;
}

void add_cell(std::string &text, const Domain *domain)
{
  const double edges[3][3] = {
      {domain->xprd, 0.0, 0.0},
      {domain->triclinic ? domain->xy : 0.0, domain->yprd, 0.0},
      {domain->triclinic ? domain->xz : 0.0, domain->triclinic ? domain->yz : 0.0, domain->zprd}};
  bool headed = false;
  for (int k = 0; k < 3; ++k) {
    if (!domain->periodicity[k]) continue;
    if (!headed) text += " Supercell\n";
    headed = true;
    text += "    " + decimal(edges[k][0]) + " " + decimal(edges[k][1]) + " " +
        decimal(edges[k][2]) + "\n";
  }
}

std::string written(LAMMPS *lmp, const std::vector<FrameAtom> &atoms, const FrameContents &contents,
                    double kelvin)
{
  std::string text;
  add(text, "BEGIN_CFG\n Size\n    %zu\n", atoms.size());
  add_cell(text, lmp->domain);
  text += " AtomData:  id type       cartes_x      cartes_y      cartes_z";
  text += contents.atom_grades ? "      nbh_grades\n" : "\n";
  for (const FrameAtom &atom : atoms) {
    const double *r = atom.position;
    add(text, "    %lld %d", static_cast<long long>(atom.id), static_cast<int>(atom.species));
    text += "  " + decimal(r[0]) + " " + decimal(r[1]) + " " + decimal(r[2]);
    if (contents.atom_grades) text += "  " + decimal(atom.grade);
    text += "\n";
  }
  add(text, " Feature   MV_grade\t%.16e\n", contents.grade);
  if (!contents.elements.empty()) {
    text += " Feature   elements\t";
    for (size_t k = 0; k < contents.elements.size(); ++k)
      text += (k == 0 ? "" : " ") + contents.elements[k];
    text += "\n";
  }
  add(text, " Feature   step\t%lld\n", static_cast<long long>(lmp->update->ntimestep));
  add(text, " Feature   temperature\t%.16e\n", kelvin);
  text += "END_CFG\n\n";
  return text;
}

}    // namespace

std::string LAMMPS_NS::frame_text(LAMMPS *lmp, const FrameContents &contents)
{
  const std::vector<FrameAtom> atoms = gathered(lmp, own_atoms(lmp, contents));
  const double kelvin = temperature(lmp);
  return lmp->comm->me == 0 ? written(lmp, atoms, contents, kelvin) : std::string();
}

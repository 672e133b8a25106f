/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "type_masses.h"

#include "atom.h"
#include "comm.h"
#include "error.h"
#include "fmt/format.h"
#include "lammps.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <mpi.h>

using namespace LAMMPS_NS;

namespace {

struct Element {
  const char *symbol;
  double mass;    // u
};

// Standard atomic weights of IUPAC, abridged where they are intervals; of elements without one the
// mass of the isotope that lives longest.
const Element ELEMENTS[] = {
    {"H", 1.008},    {"He", 4.0026},  {"Li", 6.94},    {"Be", 9.01218}, {"B", 10.81},
    {"C", 12.011},   {"N", 14.007},   {"O", 15.999},   {"F", 18.9984},  {"Ne", 20.1797},
    {"Na", 22.9898}, {"Mg", 24.305},  {"Al", 26.9815}, {"Si", 28.085},  {"P", 30.9738},
    {"S", 32.06},    {"Cl", 35.45},   {"Ar", 39.948},  {"K", 39.0983},  {"Ca", 40.078},
    {"Sc", 44.9559}, {"Ti", 47.867},  {"V", 50.9415},  {"Cr", 51.9961}, {"Mn", 54.938},
    {"Fe", 55.845},  {"Co", 58.9332}, {"Ni", 58.6934}, {"Cu", 63.546},  {"Zn", 65.38},
    {"Ga", 69.723},  {"Ge", 72.63},   {"As", 74.9216}, {"Se", 78.971},  {"Br", 79.904},
    {"Kr", 83.798},  {"Rb", 85.4678}, {"Sr", 87.62},   {"Y", 88.9058},  {"Zr", 91.224},
    {"Nb", 92.9064}, {"Mo", 95.95},   {"Tc", 97.9072}, {"Ru", 101.07},  {"Rh", 102.906},
    {"Pd", 106.42},  {"Ag", 107.868}, {"Cd", 112.414}, {"In", 114.818}, {"Sn", 118.71},
    {"Sb", 121.76},  {"Te", 127.6},   {"I", 126.904},  {"Xe", 131.293}, {"Cs", 132.905},
    {"Ba", 137.327}, {"La", 138.905}, {"Ce", 140.116}, {"Pr", 140.908}, {"Nd", 144.242},
    {"Pm", 144.913}, {"Sm", 150.36},  {"Eu", 151.964}, {"Gd", 157.25},  {"Tb", 158.925},
    {"Dy", 162.5},   {"Ho", 164.93},  {"Er", 167.259}, {"Tm", 168.934}, {"Yb", 173.054},
    {"Lu", 174.967}, {"Hf", 178.49},  {"Ta", 180.948}, {"W", 183.84},   {"Re", 186.207},
    {"Os", 190.23},  {"Ir", 192.217}, {"Pt", 195.084}, {"Au", 196.967}, {"Hg", 200.592},
    {"Tl", 204.38},  {"Pb", 207.2},   {"Bi", 208.98},  {"Po", 208.982}, {"At", 209.987},
    {"Rn", 222.018}, {"Fr", 223.02},  {"Ra", 226.025}, {"Ac", 227.028}, {"Th", 232.038},
    {"Pa", 231.036}, {"U", 238.029},  {"Np", 237.048}, {"Pu", 244.064}, {"Am", 243.061},
    {"Cm", 247.07},  {"Bk", 247.07},  {"Cf", 251.08},  {"Es", 252.083}, {"Fm", 257.095},
    {"Md", 258.098}, {"No", 259.101}, {"Lr", 262.11},
};

// Up to which difference a mass is that of an element, whichever table it is from, u.
constexpr double EXACT = 0.035;

// Up to which difference it is that of an element, rounded, u.
double rounded(double mass)
{
  return std::min(0.5, 0.05 * mass);
}

// Whether a mass may be that of an isotope of an element; masses of isotopes are integers within
// 0.1 u.
bool may_be_isotope(double mass, const Element &element)
{
  return std::abs(mass - std::round(mass)) <= 0.1 &&
      std::abs(mass - element.mass) <= std::max(2.1, 0.03 * element.mass);
}

}    // namespace

std::string LAMMPS_NS::element_meant_instead(double mass, const std::string &expected)
{
  const std::string symbol = expected == "D" || expected == "T" ? "H" : expected;
  const auto *own = std::find_if(std::begin(ELEMENTS), std::end(ELEMENTS),
                                 [&](const Element &element) { return symbol == element.symbol; });
  // 1 stands for "any" where masses do not matter, as in minimizations
  if (own == std::end(ELEMENTS) || mass == 1.0) return {};
  const auto *nearest = std::min_element(std::begin(ELEMENTS), std::end(ELEMENTS),
                                         [mass](const Element &a, const Element &b) {
                                           return std::abs(mass - a.mass) < std::abs(mass - b.mass);
                                         });
  const double from_own = std::abs(mass - own->mass), from_nearest = std::abs(mass - nearest->mass);
  if (from_own <= EXACT || from_nearest > rounded(nearest->mass)) return {};
  if (from_nearest > EXACT && (from_own <= rounded(own->mass) || may_be_isotope(mass, *own)))
    return {};
  return nearest->symbol;
}

/* ---------------------------------------------------------------------- */

TypeMasses::TypeMasses(LAMMPS *lmp, const std::string &style_name) :
    lmp(lmp), style_name(style_name)
{
}

void TypeMasses::expect(const std::string &name, const std::vector<std::string> &names,
                        const std::vector<int32_t> &mapped)
{
  if (file != name || elements != names || species_of_type != mapped) told.clear();
  file = name;
  elements = names;
  species_of_type = mapped;
}

// The masses of types, u, or the means of their atoms' own masses; zero where they are not set.
std::vector<double> TypeMasses::masses() const
{
  const Atom *atom = lmp->atom;
  std::vector<double> masses(atom->ntypes + 1, 0.0);
  if (!atom->rmass_flag) {
    for (int type = 1; atom->mass && type <= atom->ntypes; ++type)
      if (atom->mass_setflag[type]) masses[type] = atom->mass[type];
    return masses;
  }
  std::vector<double> own(2 * masses.size(), 0.0), all(own.size());
  for (int i = 0; i < atom->nlocal; ++i) {
    own[2 * atom->type[i]] += atom->rmass[i];
    own[2 * atom->type[i] + 1] += 1.0;
  }
  MPI_Allreduce(own.data(), all.data(), static_cast<int>(own.size()), MPI_DOUBLE, MPI_SUM,
                lmp->world);
  for (int type = 1; type <= atom->ntypes; ++type)
    if (all[2 * type + 1] > 0.0) masses[type] = all[2 * type] / all[2 * type + 1];
  return masses;
}

std::string TypeMasses::contradictions() const
{
  const std::vector<double> masses = this->masses();
  std::string text;
  for (size_t type = 1; type < species_of_type.size() && !elements.empty(); ++type) {
    if (species_of_type[type] < 0) continue;
    const std::string &expected = elements[species_of_type[type]];
    const std::string meant = element_meant_instead(masses[type], expected);
    if (meant.empty()) continue;
    text += fmt::format("{}type {} has the mass {:.6g} of {}, but is mapped to {}",
                        text.empty() ? "" : "; ", type, masses[type], meant, expected);
  }
  return text;
}

void TypeMasses::check()
{
  const std::string found = contradictions();
  const char *hint = style_name == "mlip"
      ? "pair_style mlip takes types 1, 2, ... for the species 0, 1, ... of the potential; "
        "pair_style mtp/rs maps any type to any species"
      : "pair_coeff lists the element of type 1 first, then that of type 2, and so on";
  if (!found.empty() && found != told && lmp->comm->me == 0)
    lmp->error->warning(FLERR, "pair style {}, {}: masses contradict elements: {}\n  hint: {}",
                        style_name, file, found, hint);
  told = found;
}

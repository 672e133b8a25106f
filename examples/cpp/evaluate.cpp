// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Evaluates a small periodic cell with a potential and prints energy, virial and forces:
//
//     evaluate pot.mtp
//
// The cell is the one of the C example, so that both print the same numbers.
#include "mtprs.hpp"

#include <cstdio>
#include <exception>

namespace {

constexpr int EDGE = 2;
constexpr double SPACING = 2.9;    // Angstrom

mtprs::Crystal displaced_cube(size_t species_count)
{
  const double length = EDGE * SPACING;
  mtprs::Crystal crystal;
  crystal.cell = {{{length, 0, 0}, {0, length, 0}, {0, 0, length}}};
  for (int atom = 0; atom < EDGE * EDGE * EDGE; ++atom) {
    const int grid[3] = {atom % EDGE, atom / EDGE % EDGE, atom / (EDGE * EDGE)};
    mtprs::Vector position;
    for (int axis = 0; axis < 3; ++axis)
      position[axis] = SPACING * grid[axis] + 0.03 * ((7 * atom + 3 * axis) % 5 - 2);
    crystal.positions.push_back(position);
    crystal.species.push_back(static_cast<int32_t>(atom % species_count));
  }
  return crystal;
}

void print(const mtprs::Results &results)
{
  std::printf("energy %.17g\n", results.energy);
  std::printf("virial");
  for (const double component : results.virial) std::printf(" %.17g", component);
  std::printf("\n");
  for (size_t atom = 0; atom < results.forces.size(); ++atom) {
    const mtprs::Vector &force = results.forces[atom];
    std::printf("force %zu %.17g %.17g %.17g\n", atom, force[0], force[1], force[2]);
  }
}

}    // namespace

int main(int argc, char **argv)
{
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s pot.mtp\n", argv[0]);
    return 2;
  }
  if (mtprs_abi_version() != MTPRS_ABI_VERSION) {
    std::fprintf(stderr, "the mtprs library has interface %u, this program was compiled for %u\n",
                 mtprs_abi_version(), MTPRS_ABI_VERSION);
    return 1;
  }
  try {
    const mtprs::Potential potential(argv[1]);
    mtprs::Evaluator evaluate(potential);
    print(evaluate(displaced_cube(potential.facts().species_count)));
  } catch (const mtprs::Error &error) {
    std::fprintf(stderr, "error %u: %s\n", error.status, error.what());
    return 1;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
  return 0;
}

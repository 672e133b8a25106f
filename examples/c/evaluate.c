/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Evaluates a small periodic cell with a potential and prints energy, virial and forces:
 *
 *     evaluate pot.mtp
 *
 * The cell is a 2x2x2 cube of atoms 2.9 Angstrom apart, slightly displaced, with the species of the potential in turn.
 */
#include "mtprs.h"

#include <stdio.h>
#include <stdlib.h>

enum { EDGE = 2, ATOM_COUNT = EDGE * EDGE * EDGE };

static const double SPACING = 2.9; /* Angstrom */

/* Prints what went wrong and gives the exit code. */
static int fail(const mtprs_error_t *error)
{
  fprintf(stderr, "error %u: %s\n", (unsigned) error->status, error->message);
  return EXIT_FAILURE;
}

/* Displaced grid points; the displacements only have to be different from each other. */
static void place_atoms(double positions[ATOM_COUNT][3])
{
  int atom, axis;
  for (atom = 0; atom < ATOM_COUNT; ++atom) {
    const int grid[3] = {atom % EDGE, atom / EDGE % EDGE, atom / (EDGE * EDGE)};
    for (axis = 0; axis < 3; ++axis)
      positions[atom][axis] = SPACING * grid[axis] + 0.03 * ((7 * atom + 3 * axis) % 5 - 2);
  }
}

static void print_results(double energy, const double virial[6], double forces[ATOM_COUNT][3])
{
  int atom, component;
  printf("energy %.17g\n", energy);
  printf("virial");
  for (component = 0; component < 6; ++component) printf(" %.17g", virial[component]);
  printf("\n");
  for (atom = 0; atom < ATOM_COUNT; ++atom)
    printf("force %d %.17g %.17g %.17g\n", atom, forces[atom][0], forces[atom][1], forces[atom][2]);
}

/* Evaluates the cell; the outputs start at zero because results are added to them. */
static int evaluate_cell(mtprs_evaluator_t *evaluator, size_t species_count)
{
  double positions[ATOM_COUNT][3];
  const double cell[3][3] = {{EDGE * SPACING, 0, 0}, {0, EDGE * SPACING, 0}, {0, 0, EDGE * SPACING}};
  int32_t species[ATOM_COUNT];
  double energy = 0, virial[6] = {0}, forces[ATOM_COUNT][3] = {{0}};
  mtprs_configuration_t configuration;
  mtprs_outputs_t outputs;
  mtprs_error_t error;
  int atom;

  place_atoms(positions);
  for (atom = 0; atom < ATOM_COUNT; ++atom) species[atom] = (int32_t) ((size_t) atom % species_count);

  MTPRS_INIT(configuration);
  configuration.atom_count = ATOM_COUNT;
  configuration.positions = (const double (*)[3]) positions; /* C11 wants the cast to const; C++ does not */
  configuration.species = species;
  configuration.cell_vectors = cell;
  configuration.periodic_count = 3;

  MTPRS_INIT(outputs);
  outputs.energy = &energy;
  outputs.virial = virial;
  outputs.forces = forces;

  if (mtprs_evaluator_compute_cell(evaluator, &configuration, &outputs, &error) != MTPRS_OK)
    return fail(&error);
  print_results(energy, virial, forces);
  return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
  mtprs_error_t error;
  mtprs_potential_t *potential = NULL;
  mtprs_evaluator_t *evaluator = NULL;
  mtprs_potential_facts_t facts;
  int exit_code;

  if (argc != 2) {
    fprintf(stderr, "usage: %s pot.mtp\n", argv[0]);
    return 2;
  }
  if (mtprs_abi_version() != MTPRS_ABI_VERSION) {
    fprintf(stderr, "the mtprs library has interface %u, this program was compiled for %u\n",
            (unsigned) mtprs_abi_version(), (unsigned) MTPRS_ABI_VERSION);
    return EXIT_FAILURE;
  }

  MTPRS_INIT(facts);
  if (mtprs_potential_load(argv[1], &potential, &error) != MTPRS_OK ||
      mtprs_potential_describe(potential, &facts, &error) != MTPRS_OK ||
      mtprs_evaluator_create(potential, NULL, &evaluator, &error) != MTPRS_OK)
    exit_code = fail(&error);
  else
    exit_code = evaluate_cell(evaluator, facts.species_count);

  mtprs_evaluator_free(evaluator);
  mtprs_potential_free(potential);
  return exit_code;
}

/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Hands structs of older and of newer headers to the library:
 *
 *     growing pot.mtp state.mtps
 *
 * Every struct ends where a page ends that nothing may be read or written behind: a library that goes beyond struct_size
 * crashes this program. Prints one line for each call.
 */
#define _DEFAULT_SOURCE
#include "mtprs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ATOM_COUNT = 3 };

static mtprs_error_t error;
static const double positions[ATOM_COUNT][3] = {{0, 0, 0}, {2.0, 0, 0}, {0, 2.5, 0.5}};
static const int32_t species[ATOM_COUNT] = {0, 1, 0};

static void fail(const char *step)
{
  fprintf(stderr, "%s: %s\n", step, error.message);
  exit(EXIT_FAILURE);
}

/* The last size bytes before a page that is out of bounds, zero; never freed. */
static void *at_the_end_of_a_page(size_t size)
{
  const size_t page = (size_t) sysconf(_SC_PAGESIZE);
  unsigned char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED || size > page || mprotect(pages + page, page, PROT_NONE) != 0) {
    perror("pages");
    exit(EXIT_FAILURE);
  }
  return pages + page - size;
}

/* A struct of size bytes that begins like the one at source, of which the rest is zero. */
static void *sized(const void *source, size_t known, size_t size)
{
  unsigned char *copy = at_the_end_of_a_page(size);
  memcpy(copy, source, size < known ? size : known);
  memcpy(copy, &size, sizeof(size));
  return copy;
}

static void report(const char *what, size_t size, mtprs_status_t status)
{
  const char *line = status == MTPRS_OK ? "" : error.message;
  printf("%s %+d: %u %.*s\n", what, (int) size, (unsigned) status, (int) strcspn(line, "\n"), line);
}

/* Bytes more or less than the struct of the header has; the last one with a byte in the tail that is not zero. */
static const int changes[] = {0, -8, -16, -24, 8, 64, 72};
enum { CHANGES = sizeof(changes) / sizeof(changes[0]) };

/* The struct of this header, so many bytes longer or shorter; spoiled in its last byte if it is the last change. */
static void *changed(const void *source, size_t known, int k)
{
  const size_t wanted = known + (size_t) changes[k];
  const size_t size = wanted < sizeof(size_t) ? sizeof(size_t) : wanted;
  unsigned char *copy = sized(source, known, size);
  if (k == CHANGES - 1) copy[size - 1] = 1;
  return copy;
}

static void describe(const mtprs_potential_t *potential, const mtprs_selection_t *selection)
{
  mtprs_potential_facts_t facts;
  mtprs_selection_facts_t state;
  int k;
  memset(&facts, 0, sizeof(facts));
  memset(&state, 0, sizeof(state));
  for (k = 0; k < CHANGES; ++k) {
    mtprs_potential_facts_t *const target = changed(&facts, sizeof(facts), k);
    mtprs_selection_facts_t *const about = changed(&state, sizeof(state), k);
    report("potential_facts", (size_t) changes[k], mtprs_potential_describe(potential, target, &error));
    if (changes[k] >= 0) printf("  %zu species, cutoff %g\n", target->species_count, target->cutoff);
    report("selection_facts", (size_t) changes[k], mtprs_selection_describe(selection, about, &error));
    if (changes[k] >= 0) printf("  %zu parameters\n", about->parameter_count);
  }
}

static void create(const mtprs_potential_t *potential)
{
  mtprs_evaluator_options_t options;
  int k;
  MTPRS_INIT(options);
  options.threads = 2;
  for (k = 0; k < CHANGES; ++k) {
    mtprs_evaluator_t *made = NULL;
    const mtprs_evaluator_options_t *const given = changed(&options, sizeof(options), k);
    report("options", (size_t) changes[k], mtprs_evaluator_create(potential, given, &made, &error));
    mtprs_evaluator_free(made);
  }
}

static void compute_cell(mtprs_evaluator_t *evaluator)
{
  mtprs_configuration_t configuration;
  mtprs_outputs_t outputs;
  int k;
  MTPRS_INIT(configuration);
  configuration.atom_count = ATOM_COUNT;
  configuration.positions = positions;
  configuration.species = species;
  MTPRS_INIT(outputs);
  for (k = 0; k < CHANGES; ++k) {
    double energy = 0;
    outputs.energy = &energy;
    report("configuration", (size_t) changes[k],
           mtprs_evaluator_compute_cell(evaluator, changed(&configuration, sizeof(configuration), k),
                                        &outputs, &error));
    printf("  %.10f\n", energy);
    energy = 0;
    report("outputs", (size_t) changes[k],
           mtprs_evaluator_compute_cell(evaluator, &configuration, changed(&outputs, sizeof(outputs), k),
                                        &error));
    printf("  %.10f\n", energy);
  }
}

static void compute(mtprs_evaluator_t *evaluator)
{
  static const int32_t ilist[] = {0, 1, 2}, numneigh[] = {2, 2, 2}, types[] = {1, 2, 1};
  static const int32_t lists[ATOM_COUNT][2] = {{1, 2}, {0, 2}, {0, 1}}, species_of_type[] = {0, 0, 1};
  const int32_t *firstneigh[ATOM_COUNT];
  mtprs_atoms_t atoms;
  mtprs_outputs_t outputs;
  int k;
  for (k = 0; k < ATOM_COUNT; ++k) firstneigh[k] = lists[k];
  MTPRS_INIT(atoms);
  atoms.central_count = atoms.atom_count = ATOM_COUNT;
  atoms.ilist = ilist;
  atoms.numneigh = numneigh;
  atoms.firstneigh = firstneigh;
  atoms.type_count = 2;
  atoms.positions = positions;
  atoms.types = types;
  atoms.species_of_type = species_of_type;
  MTPRS_INIT(outputs);
  for (k = 0; k < CHANGES; ++k) {
    double energy = 0;
    outputs.energy = &energy;
    report("atoms", (size_t) changes[k],
           mtprs_evaluator_compute(evaluator, changed(&atoms, sizeof(atoms), k), &outputs, &error));
    printf("  %.10f\n", energy);
  }
}

/* Sizes that were never set, with nothing behind the number. */
static void nonsense(mtprs_evaluator_t *evaluator)
{
  static const size_t sizes[] = {0, 7, 61, 4096 + 8, (size_t) -8};
  size_t k;
  for (k = 0; k < sizeof(sizes) / sizeof(sizes[0]); ++k) {
    size_t *const outputs = at_the_end_of_a_page(sizeof(size_t));
    *outputs = sizes[k];
    report("nonsense", k,
           mtprs_evaluator_compute_cell(evaluator, NULL, (const mtprs_outputs_t *) (const void *) outputs,
                                        &error));
  }
}

static mtprs_selection_t *read_state(const char *name, const mtprs_potential_t *potential)
{
  static char bytes[1 << 16];
  mtprs_selection_t *selection = NULL;
  FILE *file = fopen(name, "rb");
  const size_t length = file ? fread(bytes, 1, sizeof(bytes), file) : 0;
  if (file) fclose(file);
  if (mtprs_selection_parse(bytes, length, name, potential, &selection, &error) != MTPRS_OK) fail("state");
  return selection;
}

int main(int argc, char **argv)
{
  mtprs_potential_t *potential = NULL;
  mtprs_selection_t *selection;
  mtprs_evaluator_t *evaluator = NULL;
  if (argc != 3) return 2;
  if (mtprs_potential_load(argv[1], &potential, &error) != MTPRS_OK) fail("load");
  if (mtprs_evaluator_create(potential, NULL, &evaluator, &error) != MTPRS_OK) fail("create");
  selection = read_state(argv[2], potential);
  describe(potential, selection);
  create(potential);
  compute_cell(evaluator);
  compute(evaluator);
  nonsense(evaluator);
  mtprs_evaluator_free(evaluator);
  mtprs_selection_free(selection);
  mtprs_potential_free(potential);
  return 0;
}

/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Says how many threads its process has before, between and after computations, also in the child of a fork, and fails
 * unless all computations give the same bits:
 *
 *     threads pot.mtp N
 */
#define _POSIX_C_SOURCE 200809L

#include "mtprs.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { EDGE = 4, ATOM_COUNT = EDGE * EDGE * EDGE };

typedef struct {
  double energy, virial[6], forces[ATOM_COUNT][3], atom_energies[ATOM_COUNT];
} results_t;

static mtprs_error_t error;

static void fail(const char *what)
{
  fprintf(stderr, "%s: %s\n", what, error.message);
  exit(EXIT_FAILURE);
}

/* Threads of this process. One that has just been joined may be listed for a moment: looks until there are `expected`. */
static int count_threads(int expected)
{
  int count = 0, attempt;
  for (attempt = 0; attempt < 200 && count != expected; ++attempt) {
    const struct timespec pause = {0, 10000000};
    DIR *folder = opendir("/proc/self/task");
    const struct dirent *entry;
    if (attempt > 0) nanosleep(&pause, NULL);
    for (count = 0; folder && (entry = readdir(folder)) != NULL;) count += entry->d_name[0] != '.';
    if (folder) closedir(folder);
  }
  return count;
}

static void compute(mtprs_evaluator_t *evaluator, size_t atom_count, results_t *results)
{
  const double cell[3][3] = {{EDGE * 2.9, 0, 0}, {0, EDGE * 2.9, 0}, {0, 0, EDGE * 2.9}};
  double positions[ATOM_COUNT][3];
  int32_t species[ATOM_COUNT];
  mtprs_configuration_t configuration;
  mtprs_outputs_t outputs;
  int atom, axis;
  for (atom = 0; atom < ATOM_COUNT; ++atom) {
    const int grid[3] = {atom % EDGE, atom / EDGE % EDGE, atom / (EDGE * EDGE)};
    species[atom] = atom % 2;
    for (axis = 0; axis < 3; ++axis)
      positions[atom][axis] = 2.9 * grid[axis] + 0.03 * ((7 * atom + 3 * axis) % 5 - 2);
  }
  memset(results, 0, sizeof(*results));
  MTPRS_INIT(configuration);
  configuration.atom_count = atom_count;
  configuration.positions = (const double (*)[3]) positions;
  configuration.species = species;
  configuration.cell_vectors = cell;
  configuration.periodic_count = 3;
  MTPRS_INIT(outputs);
  outputs.energy = &results->energy;
  outputs.virial = results->virial;
  outputs.forces = results->forces;
  outputs.atom_energies = results->atom_energies;
  if (mtprs_evaluator_compute_cell(evaluator, &configuration, &outputs, &error) != MTPRS_OK) fail("compute");
}

/* Computes and frees in the child of a fork; the number of threads that it had, or 0 if the results differ. */
static int compute_in_child(mtprs_evaluator_t *evaluator, const results_t *expected, int threads)
{
  int status = 0;
  const pid_t child = fork();
  if (child == 0) {
    results_t results;
    int count;
    alarm(60);
    compute(evaluator, ATOM_COUNT, &results);
    count = count_threads(threads);
    mtprs_evaluator_free(evaluator);
    _exit(memcmp(&results, expected, sizeof(results)) == 0 ? count : 0);
  }
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(int argc, char **argv)
{
  mtprs_potential_t *potential = NULL;
  mtprs_evaluator_t *evaluator = NULL, *unused = NULL;
  mtprs_evaluator_options_t options;
  results_t first, again;
  int threads, expected;
  if (argc != 3) return 2;
  alarm(120);
  threads = atoi(argv[2]);
  expected = threads > 1 ? threads : 1;
  printf("at first %d\n", count_threads(1));
  if (mtprs_potential_load(argv[1], &potential, &error) != MTPRS_OK) fail("load");
  MTPRS_INIT(options);
  options.threads = threads;
  if (mtprs_evaluator_create(potential, &options, &evaluator, &error) != MTPRS_OK) fail("create");
  if (mtprs_evaluator_create(potential, &options, &unused, &error) != MTPRS_OK) fail("create");
  mtprs_potential_free(potential);
  printf("created %d\n", count_threads(1));
  compute(evaluator, 8, &first);
  printf("too few atoms %d\n", count_threads(1));
  compute(evaluator, ATOM_COUNT, &first);
  printf("computed %d\n", count_threads(expected));
  compute(evaluator, ATOM_COUNT, &again);
  printf("again %d\n", count_threads(expected));
  if (memcmp(&first, &again, sizeof(first)) != 0) return 3;
  fflush(stdout);
  printf("forked %d\n", compute_in_child(evaluator, &first, expected));
  compute(evaluator, ATOM_COUNT, &again);
  if (memcmp(&first, &again, sizeof(first)) != 0) return 4;
  mtprs_evaluator_free(evaluator);
  mtprs_evaluator_free(unused);
  printf("freed %d\n", count_threads(1));
  printf("energy %.17g\n", first.energy);
  return 0;
}

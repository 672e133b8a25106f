/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "run_stop.h"

#include "comm.h"
#include "error.h"
#include "lammps.h"
#include "universe.h"
#include "utils.h"

#include <unistd.h>

using namespace LAMMPS_NS;

// Whether the name of the running program begins with lmp, as that of every LAMMPS program does
// (lmp, lmp_mpi, ...). Nothing in a LAMMPS instance tells who created it.
static bool is_lammps_program()
{
  char path[4096];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof(path));
  if (length <= 0) return false;
  const std::string program(path, static_cast<size_t>(length));
  return program.compare(program.rfind('/') + 1, 3, "lmp") == 0;
}

void LAMMPS_NS::stop_run(LAMMPS *lmp, const std::string &message)
{
  int exits = lmp->universe->nworlds == 1 && is_lammps_program();
  MPI_Bcast(&exits, 1, MPI_INT, 0, lmp->world);
  if (!exits) lmp->error->all(FLERR, message);
  if (lmp->comm->me == 0) utils::logmesg(lmp, "ERROR: {}\n", message);
  lmp->error->done(EXIT_AT_BREAK);
}

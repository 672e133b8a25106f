/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "thread_report.h"

#include "comm.h"
#include "error.h"
#include "lammps.h"
#include "utils.h"

#include <cstring>
#include <mpi.h>
#include <unistd.h>
#include <vector>

using namespace LAMMPS_NS;

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

void LAMMPS_NS::report_threads(LAMMPS *lmp, const std::string &style_name, int threads)
{
  const int me = lmp->comm->me, nprocs = lmp->comm->nprocs;
  const long ranks = ranks_on_this_computer(lmp->world, nprocs);
  const long cores = sysconf(_SC_NPROCESSORS_ONLN);
  const double own = cores > 0 ? static_cast<double>(ranks * threads) / cores : 0.0;
  struct {
    double share;
    int rank;
  } mine = {own, me}, fullest;
  MPI_Allreduce(&mine, &fullest, 1, MPI_DOUBLE_INT, MPI_MAXLOC, lmp->world);
  long counts[2] = {ranks, cores};
  MPI_Bcast(counts, 2, MPI_LONG, fullest.rank, lmp->world);
  if (me != 0) return;
  utils::logmesg(lmp, "pair style {}: {} threads on each of {} MPI ranks\n", style_name, threads,
                 nprocs);
  if (fullest.share > 1.0)
    lmp->error->warning(FLERR, "pair style {}: {} MPI ranks with {} threads each share {} cores",
                        style_name, counts[0], threads, counts[1]);
}

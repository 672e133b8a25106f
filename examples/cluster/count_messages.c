/* Counts what LAMMPS sends: preloaded into every rank, it stands between LAMMPS and MPI and adds a line to the file
   that MTPRS_MESSAGES names when the rank ends.

     mpicc -shared -fPIC -O2 count_messages.c -o count_messages.so
     LD_PRELOAD=./count_messages.so MTPRS_MESSAGES=messages mpiexec -n 4 lmp -in in.lammps

   Line: rank, messages and bytes sent to other ranks, the largest message in bytes, reductions over all ranks. */

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

static long messages, bytes, largest, reductions;

static void count(int items, MPI_Datatype type, int target, MPI_Comm comm)
{
  int size, own;
  MPI_Comm_rank(comm, &own);
  if (target == MPI_PROC_NULL || target == own) return;
  MPI_Type_size(type, &size);
  const long here = (long) items * size;
  messages += 1;
  bytes += here;
  if (here > largest) largest = here;
}

int MPI_Send(const void *from, int items, MPI_Datatype type, int target, int tag, MPI_Comm comm)
{
  count(items, type, target, comm);
  return PMPI_Send(from, items, type, target, tag, comm);
}

int MPI_Isend(const void *from, int items, MPI_Datatype type, int target, int tag, MPI_Comm comm,
              MPI_Request *request)
{
  count(items, type, target, comm);
  return PMPI_Isend(from, items, type, target, tag, comm, request);
}

int MPI_Sendrecv(const void *from, int items, MPI_Datatype type, int target, int tag, void *to, int most,
                 MPI_Datatype their_type, int source, int their_tag, MPI_Comm comm, MPI_Status *status)
{
  count(items, type, target, comm);
  return PMPI_Sendrecv(from, items, type, target, tag, to, most, their_type, source, their_tag, comm, status);
}

int MPI_Allreduce(const void *from, void *to, int items, MPI_Datatype type, MPI_Op op, MPI_Comm comm)
{
  reductions += 1;
  return PMPI_Allreduce(from, to, items, type, op, comm);
}

int MPI_Finalize(void)
{
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  const char *name = getenv("MTPRS_MESSAGES");
  FILE *file = name ? fopen(name, "a") : NULL;
  if (file) {
    fprintf(file, "%d %ld %ld %ld %ld\n", rank, messages, bytes, largest, reductions);
    fclose(file);
  }
  return PMPI_Finalize();
}

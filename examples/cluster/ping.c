/* Latency and bandwidth of messages, for mtprs scaling: the ranks of the first half each exchange messages with one of the
   second half, all at the same time.

     mpicc -O2 ping.c -o ping
     srun --nodes=2 --ntasks-per-node=1 ./ping       # --latency
     srun --nodes=2 --ntasks-per-node=64 ./ping      # --bandwidth: all ranks of a node together
     srun --nodes=1 --ntasks=2 ./ping                # --node-latency, --node-bandwidth */

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

enum { SHORTEST = 24, LONGEST = 1 << 20, TURNS = 20 };

/* Seconds of a message of so many bytes: half of there and back, in the fastest turn. */
static double seconds(char *buffer, int bytes, int passes, int other, int is_first)
{
  double fastest = 1e9;
  for (int turn = 0; turn < TURNS; ++turn) {
    MPI_Barrier(MPI_COMM_WORLD);
    const double begun = MPI_Wtime();
    for (int pass = 0; pass < passes; ++pass) {
      if (is_first) MPI_Send(buffer, bytes, MPI_BYTE, other, 0, MPI_COMM_WORLD);
      MPI_Recv(buffer, bytes, MPI_BYTE, other, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
      if (!is_first) MPI_Send(buffer, bytes, MPI_BYTE, other, 0, MPI_COMM_WORLD);
    }
    const double here = (MPI_Wtime() - begun) / (2.0 * passes);
    if (here < fastest) fastest = here;
  }
  double slowest;
  MPI_Allreduce(&fastest, &slowest, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  return slowest;
}

int main(int argc, char **argv)
{
  int rank, ranks;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  char *buffer = calloc(LONGEST, 1);
  if (ranks % 2 != 0 || !buffer) {
    if (rank == 0) fprintf(stderr, "expected an even number of ranks, got %d\n", ranks);
    MPI_Abort(MPI_COMM_WORLD, 1);
  }
  const int is_first = rank < ranks / 2;
  const int other = is_first ? rank + ranks / 2 : rank - ranks / 2;
  const double latency = seconds(buffer, SHORTEST, 500, other, is_first);
  const double rate = LONGEST / seconds(buffer, LONGEST, 10, other, is_first);
  if (rank == 0)
    printf("latency %.2f us, bandwidth %.2f GB/s of %d pairs together\n", 1e6 * latency,
           1e-9 * rate * ranks / 2, ranks / 2);
  free(buffer);
  MPI_Finalize();
  return 0;
}

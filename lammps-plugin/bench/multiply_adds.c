/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints how many billions of independent multiply-adds per second one core does: what two cores at
 * once reach of twice that is all that two ranks can be asked for. */
#include <stdio.h>
#include <time.h>

enum { CHAINS = 24 * 8, REPEATS = 20000000 };

static double seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + 1e-9 * now.tv_nsec;
}

int main(void)
{
  static volatile double factor = 0.999999, addend = 1e-9, sink;
  const double a = factor, b = addend, start = seconds();
  double sums[CHAINS], total = 0.0;
  int k, repeat;
  for (k = 0; k < CHAINS; ++k) sums[k] = 1.0 + k;
  for (repeat = 0; repeat < REPEATS; ++repeat)
    for (k = 0; k < CHAINS; ++k) sums[k] = sums[k] * a + b;
  for (k = 0; k < CHAINS; ++k) total += sums[k];
  sink = total;
  printf("%.4f\n", 1e-9 * CHAINS * REPEATS / (seconds() - start));
  return 0;
}

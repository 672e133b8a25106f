/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "pair_mlip.h"

#include "mlip_settings.h"
#include "shared_file.h"

#include "atom.h"
#include "comm.h"
#include "error.h"
#include "utils.h"

#include <cstring>

using namespace LAMMPS_NS;

PairMLIP::PairMLIP(LAMMPS *lmp) : PairMTPRS(lmp, "mlip") {}

void PairMLIP::settings(int narg, char **arg)
{
  if (narg != 1)
    error->all(FLERR,
               "pair_style mlip: expected the name of one settings file, got " + std::to_string(narg) +
                   " words");

  MLIPSettings settings;
  const std::string problem = parse_mlip_settings(read_shared_file(lmp, arg[0]), arg[0], settings);
  if (!problem.empty()) error->all(FLERR, problem);

  potential_path = settings.potential;
  configure_selection(settings.selection);
  if (comm->me == 0)
    for (const auto &key : settings.unused)
      utils::logmesg(lmp, "pair style mlip: " + key + " in " + arg[0] + " has no effect in this version\n");
}

void PairMLIP::coeff(int narg, char **arg)
{
  if (narg != 2 || strcmp(arg[0], "*") != 0 || strcmp(arg[1], "*") != 0)
    error->all(
        FLERR,
        "pair_coeff for pair style mlip must be * * and nothing else: types 1, 2, ... are species 0, 1, ...\n"
        "  hint: pair_style mtp/rs maps any type to any species");

  std::vector<std::string> species;
  for (int type = 1; type <= atom->ntypes; ++type) species.push_back(std::to_string(type - 1));
  load_potential(potential_path, species);
}

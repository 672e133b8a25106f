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

#include <algorithm>
#include <cstring>

using namespace LAMMPS_NS;

PairMLIP::PairMLIP(LAMMPS *lmp) : PairMTPRS(lmp, "mlip") {}

// What pair_style asks for. Returns what is wrong, or nothing.
static std::string parse(LAMMPS *lmp, const Words &words, MLIPSettings &settings)
{
  const auto is_setting = [](const std::string &word) {
    return word.find('=') != std::string::npos;
  };
  if (std::any_of(words.begin(), words.end(), is_setting)) {
    const std::string problem = parse_mlip_words(words, settings);
    return problem.empty() ? problem : "pair_style mlip: " + problem;
  }
  if (words.size() != 1)
    return "pair_style mlip: expected the name of one settings file, or load_from= and other "
           "settings of MLIP-3, got " +
        std::to_string(words.size()) + " words";
  return parse_mlip_settings(read_shared_file(lmp, words[0]), words[0], settings);
}

void PairMLIP::settings(int narg, char **arg)
{
  const Words words(arg, arg + narg);
  MLIPSettings settings;
  const std::string problem = parse(lmp, words, settings);
  if (!problem.empty()) error->all(FLERR, problem);

  PairSettings asked;
  asked.selection = settings.selection;
  // LAMMPS keeps the coefficients when the same pair_style is given again, but it may name another
  // potential
  if (has_potential())
    load(settings.potential, asked);
  else
    ask_for(asked);
  potential_path = settings.potential;
  if (comm->me == 0)
    for (const auto &key : settings.unused)
      utils::logmesg(lmp, "pair style mlip: {} has no effect\n", key);
}

void PairMLIP::coeff(int narg, char **arg)
{
  if (narg != 2 || strcmp(arg[0], "*") != 0 || strcmp(arg[1], "*") != 0)
    error->all(FLERR,
               "pair_coeff for pair style mlip must be * * and nothing else: types 1, 2, ... are "
               "species 0, 1, ...\n"
               "  hint: pair_style mtp/rs maps any type to any species");

  load(potential_path, settings_asked());
}

void PairMLIP::load(const std::string &path, const PairSettings &settings)
{
  std::vector<std::string> species;
  for (int type = 1; type <= atom->ntypes; ++type) species.push_back(std::to_string(type - 1));
  load_potential({path, species}, settings);
}

/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   Entry point of mtprsplugin.so: checks that the plugin fits the running LAMMPS, then registers the pair styles.
------------------------------------------------------------------------- */

#include "lammps_plugin_abi.h"
#include "pair_mlip.h"
#include "pair_mtp_rs.h"

#include "mtprs.h"

#include "error.h"
#include "lammps.h"

#include <cstring>
#include <string>

using namespace LAMMPS_NS;

// MTPRS_LAMMPS_VERSION and MTPRS_LAMMPS_GIT_DESCRIPTOR come from the build: the LAMMPS whose headers were used.
static constexpr char BUILT_FOR_VERSION[] = MTPRS_LAMMPS_VERSION;
static constexpr char BUILT_FOR_DESCRIPTOR[] = MTPRS_LAMMPS_GIT_DESCRIPTOR;

static void *create_pair_mtp_rs(void *lmp)
{
  return static_cast<Pair *>(new PairMTPRS(static_cast<LAMMPS *>(lmp)));
}

static void *create_pair_mlip(void *lmp)
{
  return static_cast<Pair *>(new PairMLIP(static_cast<LAMMPS *>(lmp)));
}

// Updates of one LAMMPS release carry the same version string, yet their classes differ in memory: a plugin made for
// another update would crash or, worse, compute on. Only the git descriptor tells them apart.
static void refuse_other_lammps(LAMMPS *lmp)
{
  if (strcmp(lmp->version, BUILT_FOR_VERSION) == 0 &&
      strcmp(LAMMPS::git_descriptor(), BUILT_FOR_DESCRIPTOR) == 0)
    return;
  lmp->error->all(
      FLERR,
      std::string("mtprsplugin.so was built for LAMMPS ") + BUILT_FOR_VERSION + " (" + BUILT_FOR_DESCRIPTOR +
          "), but this is LAMMPS " + lmp->version + " (" + LAMMPS::git_descriptor() +
          ")\n  hint: build the plugin again for this LAMMPS (cmake -S lammps-plugin -B build, see "
          "its documentation), or take it out of LAMMPS_PLUGIN_PATH");
}

static void refuse_other_library(LAMMPS *lmp)
{
  if (mtprs_abi_version() == MTPRS_ABI_VERSION) return;
  lmp->error->all(FLERR,
                  "mtprsplugin.so holds an mtprs library with interface " +
                      std::to_string(mtprs_abi_version()) + ", but was compiled for interface " +
                      std::to_string(MTPRS_ABI_VERSION) +
                      "\n  hint: build the plugin again in an empty build folder");
}

extern "C" __attribute__((visibility("default"))) void lammpsplugin_init(void *lmp, void *handle,
                                                                         void *regfunc)
{
  refuse_other_lammps(static_cast<LAMMPS *>(lmp));
  refuse_other_library(static_cast<LAMMPS *>(lmp));

  const auto register_plugin = reinterpret_cast<lammps_plugin_register>(regfunc);
  lammps_plugin plugin;
  plugin.version = BUILT_FOR_VERSION;
  plugin.style = "pair";
  plugin.author = "the mtprs developers";
  plugin.handle = handle;

  plugin.name = "mtp/rs";
  plugin.info = "pair style mtp/rs (moment tensor potentials, mtprs " MTPRS_PLUGIN_VERSION ")";
  plugin.creator.v1 = &create_pair_mtp_rs;
  register_plugin(&plugin, lmp);

  plugin.name = "mlip";
  plugin.info = "pair style mlip (mlip.ini settings for mtp/rs, mtprs " MTPRS_PLUGIN_VERSION ")";
  plugin.creator.v1 = &create_pair_mlip;
  register_plugin(&plugin, lmp);
}

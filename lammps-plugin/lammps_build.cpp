/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   The pair styles for the LAMMPS whose headers are used here, and what that LAMMPS is known by.
------------------------------------------------------------------------- */

#include "lammps_build.h"

#include "lammps_plugin_abi.h"
#include "pair_mlip.h"
#include "pair_mtp_rs.h"

#include "mtprs.h"

#include "error.h"
#include "lammps.h"

#include <mpi.h>
#include <string>

using namespace LAMMPS_NS;

#if defined(MPI_STUBS)
static constexpr char MPI_FAMILY[] = "no MPI";
#elif defined(OPEN_MPI)
static constexpr char MPI_FAMILY[] = "Open MPI";
#else
static constexpr char MPI_FAMILY[] = "MPICH";
#endif

static void *create_pair_mtp_rs(void *lmp)
{
  return static_cast<Pair *>(new PairMTPRS(static_cast<LAMMPS *>(lmp)));
}

static void *create_pair_mlip(void *lmp)
{
  return static_cast<Pair *>(new PairMLIP(static_cast<LAMMPS *>(lmp)));
}

static void register_styles(void *lmp, void *handle, void *register_function)
{
  const auto register_plugin = reinterpret_cast<lammps_plugin_register>(register_function);
  lammps_plugin plugin;
  plugin.version = MTPRS_LAMMPS_VERSION;
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

static void fail(void *lmp, const char *problem)
{
  static_cast<LAMMPS *>(lmp)->error->all(FLERR, std::string(problem));
}

static const lammps_build BUILD = {
    MTPRS_LAMMPS_VERSION,
    MTPRS_LAMMPS_VERSION_NUMBER,
    MTPRS_LAMMPS_GIT_DESCRIPTOR,
    sizeof(tagint),
    sizeof(bigint),
    sizeof(imageint),
    MPI_FAMILY,
    _GLIBCXX_USE_CXX11_ABI,
    MTPRS_ABI_VERSION,
    &fail,
    &register_styles,
};

// The linker makes a table of all that a file holds from these.
__attribute__((section("mtprs_builds"), used)) static const lammps_build *const TABLE_ENTRY =
    &BUILD;

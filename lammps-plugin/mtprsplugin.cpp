/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   Entry point of mtprsplugin.so: checks that the plugin fits the running LAMMPS, then registers the
   pair styles.
------------------------------------------------------------------------- */

#include "lammps_plugin_abi.h"
#include "pair_mlip.h"
#include "pair_mtp_rs.h"

#include "mtprs.h"

#include "error.h"
#include "fmt/format.h"
#include "lammps.h"
#include "library.h"

#include <cstring>
#include <mpi.h>
#include <string>

using namespace LAMMPS_NS;

// From the build: the LAMMPS whose headers were used, its version also as a number like 20250722.
static constexpr char BUILT_FOR_VERSION[] = MTPRS_LAMMPS_VERSION;
static constexpr int BUILT_FOR_NUMBER = MTPRS_LAMMPS_VERSION_NUMBER;
static constexpr char BUILT_FOR_DESCRIPTOR[] = MTPRS_LAMMPS_GIT_DESCRIPTOR;

#ifdef OPEN_MPI
static constexpr char BUILT_WITH_MPI[] = "mpi.h of Open MPI";
#else
// or one with the same types, as Intel MPI
static constexpr char BUILT_WITH_MPI[] = "mpi.h of MPICH";
#endif

static void *create_pair_mtp_rs(void *lmp)
{
  return static_cast<Pair *>(new PairMTPRS(static_cast<LAMMPS *>(lmp)));
}

static void *create_pair_mlip(void *lmp)
{
  return static_cast<Pair *>(new PairMLIP(static_cast<LAMMPS *>(lmp)));
}

// "22 Jul 2025" for 20250722, as LAMMPS writes its versions.
static std::string version_in_words(int number)
{
  static const char *const MONTHS[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const int month = number / 100 % 100;
  return std::to_string(number % 100) + " " +
      (month >= 1 && month <= 12 ? MONTHS[month - 1] : "?") + " " + std::to_string(number / 10000);
}

// Updates of one LAMMPS release carry the same version, yet their classes differ in memory: a
// plugin made for another one would crash or, worse, compute on. Only git descriptors differ.
static void refuse_other_lammps(void *lmp)
{
  const int number = lammps_version(lmp);
  const char *descriptor = LAMMPS::git_descriptor();
  const bool same_release = number == BUILT_FOR_NUMBER;
  if (same_release && strcmp(descriptor, BUILT_FOR_DESCRIPTOR) == 0) return;

  // without the formats of LAMMPS, which change with its releases, too
  const std::string problem = std::string("mtprsplugin.so was built for LAMMPS ") +
      BUILT_FOR_VERSION + " (" + BUILT_FOR_DESCRIPTOR + "), but this is LAMMPS " +
      version_in_words(number) + " (" + descriptor +
      ")\n  hint: build the plugin again for this LAMMPS, as lammps-plugin/README.md says, or take "
      "it out of LAMMPS_PLUGIN_PATH";

  // The Error class is the same within a release, and Python can catch what it throws. Beyond, not
  // even std::string may be laid out alike; the C function ends the program.
  if (same_release) static_cast<LAMMPS *>(lmp)->error->all(FLERR, problem);
  lammps_error(lmp, LMP_ERROR_ALL | LMP_ERROR_WORLD, problem.c_str());
}

// LAMMPS_SIZES by the width of atom IDs and step numbers.
static std::string sizes_in_words(size_t tag, size_t step)
{
  const std::string name = tag == 8 ? "BIGBIG" : step == 8 ? "SMALLBIG" : "SMALLSMALL";
  return fmt::format("{}-bit atom IDs and {}-bit step numbers ({})", 8 * tag, 8 * step, name);
}

// The same LAMMPS can be compiled with integers of other sizes, and then all its arrays of them are
// laid out otherwise.
static void refuse_other_sizes(LAMMPS *lmp)
{
  const auto size_of = [lmp](const char *type) {
    return static_cast<size_t>(lammps_extract_setting(lmp, type));
  };
  const size_t tag = size_of("tagint"), step = size_of("bigint");
  if (tag == sizeof(tagint) && step == sizeof(bigint) && size_of("imageint") == sizeof(imageint))
    return;
  lmp->error->all(FLERR,
                  "mtprsplugin.so was built for a LAMMPS with {}, but this one has {}\n"
                  "  hint: build the plugin again, with LAMMPS_SIZES as LAMMPS was configured",
                  sizes_in_words(sizeof(tagint), sizeof(bigint)), sizes_in_words(tag, step));
}

// Behind the same names Open MPI and MPICH have different types: with those of the other one the
// first call would crash. A LAMMPS without MPI has functions of other names, without which the
// plugin cannot even be loaded.
static void refuse_other_mpi(void *lmp)
{
#ifndef MPI_STUBS
  char text[1 << 15] = {};    // more than any MPI writes
  int length = 0;
  MPI_Get_library_version(text, &length);
  const std::string running = strstr(text, "Open MPI") ? "Open MPI" : "MPICH";
  if ("mpi.h of " + running == BUILT_WITH_MPI) return;

  const std::string problem = std::string("mtprsplugin.so was built with the ") + BUILT_WITH_MPI +
      ", but this LAMMPS runs with " + std::string(text, strcspn(text, ",\n")) +
      "\n  hint: build the plugin again with the folder of that MPI's mpi.h in "
      "MTPRS_MPI_INCLUDE_DIR";
  lammps_error(lmp, LMP_ERROR_ALL | LMP_ERROR_WORLD, problem.c_str());
#endif
}

static void refuse_other_library(LAMMPS *lmp)
{
  if (mtprs_abi_version() == MTPRS_ABI_VERSION) return;
  lmp->error->all(FLERR,
                  "mtprsplugin.so holds an mtprs library with interface {}, but was compiled for "
                  "interface {}\n"
                  "  hint: build the plugin again in an empty build folder",
                  mtprs_abi_version(), MTPRS_ABI_VERSION);
}

extern "C" __attribute__((visibility("default"))) void lammpsplugin_init(void *lmp, void *handle,
                                                                         void *regfunc)
{
  refuse_other_lammps(lmp);
  refuse_other_sizes(static_cast<LAMMPS *>(lmp));
  refuse_other_mpi(lmp);
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

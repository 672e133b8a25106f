/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "build_choice.h"

#include "mtprs.h"

#include <algorithm>
#include <iterator>

// "22 Jul 2025" for 20250722, as LAMMPS writes its versions.
static std::string version_in_words(int number)
{
  static const char *const MONTHS[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const int month = number / 100 % 100;
  return std::to_string(number % 100) + " " +
      (month >= 1 && month <= 12 ? MONTHS[month - 1] : "?") + " " + std::to_string(number / 10000);
}

// "22 Jul 2025 (stable_22Jul2025_update4)"
static std::string name_in_words(const std::string &version, const std::string &descriptor)
{
  return version + " (" + (descriptor == "(unknown)" ? "built outside git" : descriptor) + ")";
}

// LAMMPS_SIZES by the width of atom IDs and step numbers.
static std::string sizes_in_words(int tag, int step)
{
  const std::string name = tag == 8 ? "BIGBIG" : step == 8 ? "SMALLBIG" : "SMALLSMALL";
  return std::to_string(8 * tag) + "-bit atom IDs and " + std::to_string(8 * step) +
      "-bit step numbers (" + name + ")";
}

static std::string strings_in_words(int cxx11)
{
  return "_GLIBCXX_USE_CXX11_ABI=" + std::to_string(cxx11);
}

// "A", "A or B", "A, B or C": what `text` says of each build, once.
template <class Text>
static std::string list(const Builds &builds, const Text &text)
{
  std::vector<std::string> different;
  for (const lammps_build *build : builds) {
    const std::string words = text(*build);
    if (std::find(different.begin(), different.end(), words) == different.end())
      different.push_back(words);
  }
  std::string joined = different.front();
  for (std::size_t k = 1; k < different.size(); k++)
    joined += (k + 1 == different.size() ? " or " : ", ") + different[k];
  return joined;
}

static std::string other_lammps(const Builds &builds, const RunningLAMMPS &running)
{
  return "mtprsplugin.so was built for LAMMPS " +
      list(builds,
           [](const lammps_build &build) {
             return name_in_words(build.version, build.git_descriptor);
           }) +
      ", but this is LAMMPS " +
      name_in_words(version_in_words(running.version_number), running.git_descriptor) +
      "\n  hint: build the plugin again for this LAMMPS, with `python -m mtprs.lammps build` or as "
      "lammps-plugin/README.md says, or take it out of LAMMPS_PLUGIN_PATH";
}

static std::string other_sizes(const Builds &builds, const RunningLAMMPS &running)
{
  return "mtprsplugin.so was built for a LAMMPS with " +
      list(builds,
           [](const lammps_build &build) {
             return sizes_in_words(build.tag_bytes, build.step_bytes);
           }) +
      ", but this one has " + sizes_in_words(running.tag_bytes, running.step_bytes) +
      "\n  hint: build the plugin again, with LAMMPS_SIZES as LAMMPS was configured";
}

static std::string other_mpi(const Builds &builds, const RunningLAMMPS &running)
{
  return "mtprsplugin.so was built with the mpi.h of " +
      list(builds, [](const lammps_build &build) { return std::string(build.mpi); }) +
      ", but this LAMMPS runs with " + running.mpi_version +
      "\n  hint: build the plugin again with the folder of that MPI's mpi.h in "
      "MTPRS_MPI_INCLUDE_DIR";
}

static std::string other_strings(const Builds &builds, const RunningLAMMPS &running)
{
  return "mtprsplugin.so was built with " +
      list(builds,
           [](const lammps_build &build) { return strings_in_words(build.cxx11_strings); }) +
      ", but this LAMMPS with " + strings_in_words(running.cxx11_strings) +
      "\n  hint: build the plugin again with that value in MTPRS_CXX11_ABI";
}

static std::string other_library(unsigned interface)
{
  return "mtprsplugin.so holds an mtprs library with interface " +
      std::to_string(mtprs_abi_version()) + ", but was compiled for interface " +
      std::to_string(interface) + "\n  hint: build the plugin again in an empty build folder";
}

BuildChoice::BuildChoice(const RunningLAMMPS &running, Builds builds)
{
  // Leaves those that pass; false if there are none, then they stay as they were.
  const auto keep = [&builds](auto passes) {
    Builds kept;
    std::copy_if(builds.begin(), builds.end(), std::back_inserter(kept),
                 [&passes](const lammps_build *build) { return passes(*build); });
    if (!kept.empty()) builds = kept;
    return !kept.empty();
  };

  // Updates of one LAMMPS release carry the same version, yet their classes differ in memory: a
  // plugin made for another one would crash or, worse, compute on. Only git descriptors differ.
  if (!keep([&running](const lammps_build &build) {
        return build.version_number == running.version_number &&
            running.git_descriptor == build.git_descriptor;
      }))
    problem = other_lammps(builds, running);
  // With integers of other sizes all arrays of them are laid out otherwise.
  else if (!keep([&running](const lammps_build &build) {
             return build.tag_bytes == running.tag_bytes &&
                 build.step_bytes == running.step_bytes && build.image_bytes == running.image_bytes;
           }))
    problem = other_sizes(builds, running);
  // Behind the same names Open MPI and MPICH have different types: with those of the other one the
  // first call would crash.
  else if (!keep([&running](const lammps_build &build) { return running.mpi == build.mpi; }))
    problem = other_mpi(builds, running);
  else if (!keep([&running](const lammps_build &build) {
             return running.cxx11_strings < 0 || running.cxx11_strings == build.cxx11_strings;
           }))
    problem = other_strings(builds, running);
  else if (mtprs_abi_version() != builds.front()->library_interface)
    problem = other_library(builds.front()->library_interface);
  else
    build = builds.front();
}

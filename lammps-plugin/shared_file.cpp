/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "shared_file.h"

#include "error.h"
#include "lammps.h"
#include "utils.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

using namespace LAMMPS_NS;

// The largest potentials have some megabytes, the largest selection states some hundreds; the limit
// keeps devices and wrong files from filling the memory.
static constexpr size_t LARGEST_FILE = size_t(1) << 30;

// Appends the file's content to text. Returns what went wrong, or nothing.
static std::string read_file(const std::string &path, std::string &text)
{
  const std::unique_ptr<FILE, int (*)(FILE *)> file(fopen(path.c_str(), "rb"), &fclose);
  if (!file) return std::string("cannot open the file: ") + strerror(errno);

  char block[65536];
  while (const size_t count = fread(block, 1, sizeof(block), file.get())) {
    text.append(block, count);
    if (text.size() > LARGEST_FILE)
      return "the file is larger than " + std::to_string(LARGEST_FILE >> 20) + " MiB";
  }
  if (ferror(file.get())) return std::string("cannot read the file: ") + strerror(errno);
  return {};
}

void LAMMPS_NS::share_text(LAMMPS *lmp, std::string &text)
{
  int length = static_cast<int>(text.size());
  MPI_Bcast(&length, 1, MPI_INT, 0, lmp->world);
  text.resize(length);
  if (length > 0) MPI_Bcast(&text[0], length, MPI_CHAR, 0, lmp->world);
}

std::string LAMMPS_NS::read_shared_file(LAMMPS *lmp, const std::string &path)
{
  int rank = 0;
  MPI_Comm_rank(lmp->world, &rank);

  std::string text, problem;
  if (rank == 0) {
    const std::string found = utils::get_potential_file_path(path);
    problem = read_file(found.empty() ? path : found, text);
  }

  // every rank learns of a failure before any of them goes on to wait for the text
  share_text(lmp, problem);
  if (!problem.empty()) lmp->error->all(FLERR, "{}: {}", path, problem);

  share_text(lmp, text);
  return text;
}

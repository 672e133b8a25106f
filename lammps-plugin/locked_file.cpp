/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "locked_file.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace LAMMPS_NS;

// Others hold the lock for as long as one frame takes to get to the disk.
static constexpr std::chrono::seconds LONGEST_WAIT(60);
static constexpr std::chrono::milliseconds BETWEEN_TRIES(5);

static std::string reason(const std::string &what)
{
  return what + ": " + strerror(errno);
}

std::string LockedFile::open(const std::string &path, Missing missing)
{
  const int creation = missing == Missing::IS_CREATED ? O_CREAT : 0;
  for (;;) {
    struct stat facts;
    const bool is_there = stat(path.c_str(), &facts) == 0;
    const int access = is_there && !S_ISREG(facts.st_mode) ? O_WRONLY : O_RDWR | creation;
    number = ::open(path.c_str(), access | O_APPEND | O_CLOEXEC, 0666);
    if (number < 0) return reason("cannot open the file for writing");
    if (fstat(number, &facts) != 0) return reason("cannot open the file");
    regular = S_ISREG(facts.st_mode);
    if (!regular) return {};

    const Lock lock = take_lock();
    if (lock == Lock::FAILED)
      return "another program has kept the file locked for " +
          std::to_string(LONGEST_WAIT.count()) + " s";
    locked = lock == Lock::TAKEN;
    // meanwhile others may have written to it, or moved it away
    if (locked && !is_still_at(path)) {
      close();
      continue;
    }
    if (fstat(number, &facts) != 0) return reason("cannot open the file");
    length = facts.st_size;
    return {};
  }
}

// Locks belong to the open file, not to the process: pair styles of one process do not write at the
// same time, either.
LockedFile::Lock LockedFile::take_lock()
{
  const auto start = std::chrono::steady_clock::now();
  for (;;) {
    struct flock range = {};    // all of the file
    range.l_type = F_WRLCK;
    range.l_whence = SEEK_SET;
    if (fcntl(number, F_OFD_SETLK, &range) == 0) return Lock::TAKEN;
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EACCES) return Lock::NOT_THERE;
    if (std::chrono::steady_clock::now() - start > LONGEST_WAIT) return Lock::FAILED;
    std::this_thread::sleep_for(BETWEEN_TRIES);
  }
}

bool LockedFile::is_still_at(const std::string &path) const
{
  struct stat ours, theirs;
  return fstat(number, &ours) == 0 && stat(path.c_str(), &theirs) == 0 &&
      ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

bool LockedFile::close()
{
  const bool well = number < 0 || ::close(number) == 0;
  number = -1;
  locked = false;
  return well;
}

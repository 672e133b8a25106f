/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   An open file that is nobody else's meanwhile.
------------------------------------------------------------------------- */

#ifndef MTPRS_LOCKED_FILE_H
#define MTPRS_LOCKED_FILE_H

#include <string>
#include <sys/types.h>

namespace LAMMPS_NS {

// A file that is open for reading and writing at its end, and that nobody else has open in this way
// meanwhile: no other process and nothing else in this one. Devices and pipes are open for writing
// only and are not locked.
class LockedFile {
 public:
  LockedFile() = default;
  LockedFile(const LockedFile &) = delete;
  LockedFile &operator=(const LockedFile &) = delete;
  ~LockedFile() { close(); }

  enum class Missing { IS_AN_ERROR, IS_CREATED };

  // Opens the file and waits for its lock. Returns what is wrong, or nothing.
  std::string open(const std::string &path, Missing missing);

  // Whether all that was written has arrived.
  bool close();

  int descriptor() const { return number; }
  bool is_regular() const { return regular; }

  // False for devices, and where the file system has no locks.
  bool is_locked() const { return locked; }

  // When it was opened.
  off_t size() const { return length; }

 private:
  enum class Lock { TAKEN, NOT_THERE, FAILED };
  Lock take_lock();
  bool is_still_at(const std::string &path) const;

  int number = -1;
  bool regular = false;
  bool locked = false;
  off_t length = 0;
};

}    // namespace LAMMPS_NS

#endif

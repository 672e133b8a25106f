/* -*- c++ -*- ----------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later

   The file of saved frames, which holds whole ones only.
------------------------------------------------------------------------- */

#ifndef MTPRS_FRAME_FILE_H
#define MTPRS_FRAME_FILE_H

#include <string>

namespace LAMMPS_NS {

// A .cfg file that frames are appended to, each whole or not at all, also where other partitions,
// pair styles or runs append to it at the same time. Used by one rank; nothing stays open, so that
// other programs may move the file away. Functions return what is wrong, or nothing.
class FrameFile {
 public:
  explicit FrameFile(const std::string &path);

  // Checks that frames can be appended. A frame at the end that a killed program left incomplete is
  // cut off; notice then says so.
  std::string prepare(std::string &notice) const;

  // Appends a frame: then it is on the disk, or the file has its earlier length.
  std::string append(const std::string &frame) const;

 private:
  std::string check_folder(std::string &notice) const;

  const std::string path;
};

}    // namespace LAMMPS_NS

#endif

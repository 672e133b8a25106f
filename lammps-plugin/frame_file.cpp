/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "frame_file.h"

#include "locked_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace LAMMPS_NS;

namespace {

std::string reason(const std::string &what)
{
  return what + ": " + strerror(errno);
}

// Reads length bytes from a place of a file.
bool read_at(int file, off_t place, size_t length, std::string &bytes)
{
  bytes.resize(length);
  for (size_t done = 0; done < length;) {
    const ssize_t count =
        pread(file, &bytes[done], length - done, place + static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    done += static_cast<size_t>(count);
  }
  return true;
}

bool write_all(int file, const std::string &bytes)
{
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t count = write(file, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    done += static_cast<size_t>(count);
  }
  return true;
}

// Looks at the end of a file for what follows its last frame. Sets end to where that frame ends (0
// if there is none) and rest to the words behind it, cut to a few.
bool find_last_frame(int file, off_t size, off_t &end, std::string &rest)
{
  static const std::string END = "END_CFG";
  std::string bytes;
  for (off_t length = 65536;; length *= 8) {
    const off_t start = std::max<off_t>(0, size - length);
    if (!read_at(file, start, static_cast<size_t>(size - start), bytes)) return false;
    const size_t found = bytes.rfind(END);
    if (found == std::string::npos && start > 0) continue;
    size_t place = found == std::string::npos ? 0 : found + END.size();
    if (found != std::string::npos && place < bytes.size() && bytes[place] == '\n') ++place;
    end = start + static_cast<off_t>(place);
    const size_t first = bytes.find_first_not_of(" \t\r\n", place);
    rest = first == std::string::npos ? "" : bytes.substr(first, 32);
    return true;
  }
}

// Ends the last line of a file, as the next frame needs it.
bool end_line(int file, off_t size)
{
  std::string last;
  if (size == 0) return true;
  return read_at(file, size - 1, 1, last) && (last == "\n" || write(file, "\n", 1) == 1);
}

// Cuts off a frame at the end that nobody writes any more; notice then says so. Returns what is
// wrong, or nothing.
std::string mend_end(const LockedFile &file, std::string &notice)
{
  off_t end;
  std::string rest;
  if (!find_last_frame(file.descriptor(), file.size(), end, rest))
    return reason("cannot read the file");
  if (rest.empty())
    return end_line(file.descriptor(), file.size()) ? std::string()
                                                    : reason("cannot write the file");
  static const std::string BEGIN = "BEGIN_CFG";
  const size_t common = std::min(rest.size(), BEGIN.size());
  if (rest.compare(0, common, BEGIN, 0, common) != 0)
    return "frames cannot be appended: it does not end like a .cfg file, but has \"" +
        rest.substr(0, rest.find('\n')) + "\" after its last frame";
  if (ftruncate(file.descriptor(), end) != 0)
    return reason("cannot cut off the incomplete frame at the end");
  notice = "the last frame was incomplete and has been cut off";
  return {};
}

// A new file is safe only when its folder is.
void sync_folder_of(const std::string &path)
{
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // not every file system can do it, and the frame itself is written
  if (descriptor >= 0) (void) fsync(descriptor);
  if (descriptor >= 0) close(descriptor);
}

}    // namespace

FrameFile::FrameFile(const std::string &path) : path(path) {}

static void mention_locks(const LockedFile &file, std::string &notice)
{
  if (!file.is_regular() || file.is_locked()) return;
  notice += std::string(notice.empty() ? "" : "; ") +
      "the file system has no locks: nothing else may save frames in it at the same time";
}

// Whether the file, which is not there, could be made. It is made with the first frame: an empty
// file would look like a selection. So it is one of another name that is tried; under its own
// another run may save meanwhile.
std::string FrameFile::check_folder(std::string &notice) const
{
  std::string name = path + ".XXXXXX";
  const int made = mkstemp(&name[0]);
  if (made < 0) return reason("cannot create the file");
  close(made);
  LockedFile file;
  const std::string problem = file.open(name, LockedFile::Missing::IS_AN_ERROR);
  unlink(name.c_str());
  if (problem.empty()) mention_locks(file, notice);
  return problem;
}

std::string FrameFile::prepare(std::string &notice) const
{
  struct stat facts;
  if (stat(path.c_str(), &facts) != 0)
    return errno == ENOENT ? check_folder(notice) : reason("cannot open the file");

  LockedFile file;
  std::string problem = file.open(path, LockedFile::Missing::IS_AN_ERROR);
  // others may move it away at any time
  if (!problem.empty() && stat(path.c_str(), &facts) != 0 && errno == ENOENT)
    return check_folder(notice);
  if (problem.empty() && file.is_regular()) problem = mend_end(file, notice);
  if (problem.empty()) mention_locks(file, notice);
  return problem;
}

std::string FrameFile::append(const std::string &frame) const
{
  LockedFile file;
  std::string problem = file.open(path, LockedFile::Missing::IS_CREATED);
  if (!problem.empty()) return problem;
  std::string notice;    // another run has been killed since, and what is left is not worth a line
  if (file.is_locked()) problem = mend_end(file, notice);
  if (!problem.empty()) return problem;
  const off_t length = lseek(file.descriptor(), 0, SEEK_END);

  const bool regular = file.is_regular();
  if (!write_all(file.descriptor(), frame) || (fsync(file.descriptor()) != 0 && regular)) {
    problem = reason("cannot write the file");
    if (regular && ftruncate(file.descriptor(), length) != 0)
      problem += "; its last frame is incomplete, and cutting it off failed as well";
    return problem;
  }
  if (!file.close()) return reason("cannot write the file");
  if (regular && length == 0) sync_folder_of(path);
  return {};
}

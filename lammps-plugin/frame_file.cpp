/* ----------------------------------------------------------------------
   SPDX-License-Identifier: GPL-2.0-or-later
------------------------------------------------------------------------- */

#include "frame_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace LAMMPS_NS;

namespace {

// Closes a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number) : number(number) {}
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;
  ~Descriptor() { close(); }

  operator int() const { return number; }

  // Whether all that was written has arrived.
  bool close()
  {
    const bool well = number < 0 || ::close(number) == 0;
    number = -1;
    return well;
  }

 private:
  int number;
};

std::string reason(const std::string &what)
{
  return what + ": " + strerror(errno);
}

// Reads length bytes from a place of a file.
bool read_at(int file, off_t place, size_t length, std::string &bytes)
{
  bytes.resize(length);
  for (size_t done = 0; done < length;) {
    const ssize_t count = pread(file, &bytes[done], length - done, place + static_cast<off_t>(done));
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

// Looks at the end of a file for what follows its last frame. Sets end to where that frame ends (0 if there is none) and
// rest to the words behind it, cut to a few.
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
  return read_at(file, size - 1, 1, last) && (last == "\n" || pwrite(file, "\n", 1, size) == 1);
}

// A new file is safe only when its folder is.
void sync_folder_of(const std::string &path)
{
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor descriptor(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // not every file system can do it, and the frame itself is written
  if (descriptor >= 0) (void) fsync(descriptor);
}

}    // namespace

FrameFile::FrameFile(const std::string &path) : path(path) {}

// Whether the file, which is not there, could be made. It is made with the first frame: an empty file would look like a
// selection.
std::string FrameFile::check_folder() const
{
  const Descriptor made(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (made < 0) return reason("cannot create the file");
  unlink(path.c_str());
  return {};
}

std::string FrameFile::prepare(std::string &notice) const
{
  struct stat facts;
  if (stat(path.c_str(), &facts) != 0)
    return errno == ENOENT ? check_folder() : reason("cannot open the file");

  const Descriptor file(open(path.c_str(), (S_ISREG(facts.st_mode) ? O_RDWR : O_WRONLY) | O_CLOEXEC));
  if (file < 0) return reason("cannot open the file for writing");
  if (!S_ISREG(facts.st_mode)) return {};

  off_t end;
  std::string rest;
  if (!find_last_frame(file, facts.st_size, end, rest)) return reason("cannot read the file");
  if (rest.empty()) return end_line(file, facts.st_size) ? std::string() : reason("cannot write the file");
  static const std::string BEGIN = "BEGIN_CFG";
  const size_t common = std::min(rest.size(), BEGIN.size());
  if (rest.compare(0, common, BEGIN, 0, common) != 0)
    return "frames cannot be appended: it does not end like a .cfg file, but has \"" +
        rest.substr(0, rest.find('\n')) + "\" after its last frame";
  if (ftruncate(file, end) != 0) return reason("cannot cut off the incomplete frame at the end");
  notice = "the last frame was incomplete and has been cut off";
  return {};
}

std::string FrameFile::append(const std::string &frame) const
{
  Descriptor file(open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666));
  if (file < 0) return reason("cannot open the file for writing");
  struct stat facts;
  if (fstat(file, &facts) != 0) return reason("cannot write the file");

  const bool regular = S_ISREG(facts.st_mode);
  if (!write_all(file, frame) || (fsync(file) != 0 && regular)) {
    std::string problem = reason("cannot write the file");
    if (regular && ftruncate(file, facts.st_size) != 0)
      problem += "; its last frame is incomplete, and cutting it off failed as well";
    return problem;
  }
  if (!file.close()) return reason("cannot write the file");
  if (regular && facts.st_size == 0) sync_folder_of(path);
  return {};
}

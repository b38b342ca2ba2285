#include "common/storage/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace orewatch::storage {
namespace {

constexpr mode_t kFileMode = 0644;

// One name for the file, whichever links lead to it.
std::string LockPathOf(const std::string& database) {
  std::error_code error;
  if (!std::filesystem::exists(database, error)) {
    // Not where it is there: closing it would give up the locks that SQLite has on it in this process.
    std::ofstream(database, std::ios::app).close();
  }
  const std::string file = std::filesystem::canonical(database, error).string();
  return absl::StrCat(error ? database : file, ".lock");
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileLock>> FileLock::Take(const std::string& database) {
  const std::string path = LockPathOf(database);
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
  if (file < 0) {
    return MakeError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE",
                     absl::StrCat("cannot open ", path, ": ", std::strerror(errno)));
  }
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    close(file);
    return error == EWOULDBLOCK ? MakeError(absl::StatusCode::kFailedPrecondition, "STORAGE_IN_USE",
                                            absl::StrCat("another process has opened ", database))
                                : MakeError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE",
                                            absl::StrCat("cannot lock ", path, ": ", std::strerror(error)));
  }
  return std::unique_ptr<FileLock>(new FileLock(file));
}

FileLock::~FileLock() { close(file_); }

}  // namespace orewatch::storage

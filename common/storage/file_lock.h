// That one process alone has a database in a file.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace orewatch::storage {

// A file beside the database, locked for as long as the object lives, also if the process is killed. Thread-safe.
class FileLock {
 public:
  // What a link leads to is locked, by whichever way it is reached; the database need not be there yet. Creates
  // `DATABASE.lock`, which stays. UNAVAILABLE if that cannot be opened, FAILED_PRECONDITION (STORAGE_IN_USE) if
  // somebody else has the lock.
  static absl::StatusOr<std::unique_ptr<FileLock>> Take(const std::string& database);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  explicit FileLock(int file) : file_(file) {}
  const int file_;
};

}  // namespace orewatch::storage

// A file that only this process sees, and whose whole content changes at once.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orewatch::tls {

// Whoever opens path() gets what was there at that moment, and keeps it. Thread-safe but for Replace.
class MemoryFile {
 public:
  // RESOURCE_EXHAUSTED if the system gives no file.
  static absl::StatusOr<MemoryFile> Create(absl::string_view content);
  MemoryFile(MemoryFile&& other) noexcept;
  MemoryFile& operator=(MemoryFile&& other) noexcept;
  ~MemoryFile();

  // Each content has a modification time of its own, in whole seconds, which is what tells gRPC that it is another.
  absl::Status Replace(absl::string_view content);
  std::string path() const;

 private:
  explicit MemoryFile(int fd) : fd_(fd) {}
  int fd_ = -1;
  long generation_ = 1;
};

}  // namespace orewatch::tls

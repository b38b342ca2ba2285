#include "common/tls/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace orewatch::tls {
namespace {

bool WriteAll(int fd, absl::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written <= 0) {
      return false;
    }
    content.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

absl::StatusOr<int> MakeFile(absl::string_view content, long generation) {
  const int fd = memfd_create("orewatch-tls", MFD_CLOEXEC);
  const std::array<timespec, 2> times{timespec{generation, 0}, timespec{generation, 0}};
  if (fd >= 0 && WriteAll(fd, content) && futimens(fd, times.data()) == 0) {
    return fd;
  }
  if (fd >= 0) {
    close(fd);
  }
  return MakeError(absl::StatusCode::kResourceExhausted, "NO_MEMORY_FILE",
                   "the system gives no file in memory for certificates");
}

}  // namespace

absl::StatusOr<MemoryFile> MemoryFile::Create(absl::string_view content) {
  OREWATCH_ASSIGN_OR_RETURN(const int fd, MakeFile(content, 1));
  return MemoryFile(fd);
}

MemoryFile::MemoryFile(MemoryFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), generation_(other.generation_) {}

MemoryFile& MemoryFile::operator=(MemoryFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(generation_, other.generation_);
  return *this;
}

MemoryFile::~MemoryFile() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

absl::Status MemoryFile::Replace(absl::string_view content) {
  OREWATCH_ASSIGN_OR_RETURN(const int fd, MakeFile(content, generation_ + 1));
  // Under the same name, in one step.
  const bool replaced = dup3(fd, fd_, O_CLOEXEC) >= 0;
  close(fd);
  if (!replaced) {
    return MakeError(absl::StatusCode::kResourceExhausted, "NO_MEMORY_FILE", "a file in memory cannot be replaced");
  }
  ++generation_;
  return absl::OkStatus();
}

std::string MemoryFile::path() const { return absl::StrCat("/proc/self/fd/", fd_); }

}  // namespace orewatch::tls

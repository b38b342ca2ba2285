#include "common/storage/history_mark.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"

namespace orewatch::storage {
namespace {

constexpr size_t kMarkBytes = 128;
constexpr mode_t kFileMode = 0644;

absl::Status Failed(const std::string& what, const std::string& path) {
  return MakeError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE",
                   absl::StrCat("cannot ", what, " ", path, ": ", std::strerror(errno)));
}

// What no copy of the file has, and nobody can set: when it was made. Where the file system does not know, its number.
std::string IdentityOf(int file) {
  struct statx found {};
  if (statx(file, "", AT_EMPTY_PATH, STATX_BTIME | STATX_INO, &found) != 0) {
    return "unknown";
  }
  return (found.stx_mask & STATX_BTIME) != 0
             ? absl::StrCat("made-", found.stx_btime.tv_sec, ".", found.stx_btime.tv_nsec)
             : absl::StrCat("number-", found.stx_ino);
}

bool LockNow(int file, int operation) { return flock(file, operation | LOCK_NB) == 0; }

bool WriteTo(int file, const HistoryMark::Position& position, bool durable) {
  // A line of fixed length; a release that knows no identity ends its own before it.
  std::string line = absl::StrCat(position.lineage, " ", position.head, " ", IdentityOf(file));
  line.resize(kMarkBytes, ' ');
  line.back() = '\n';
  return pwrite(file, line.data(), line.size(), 0) == static_cast<ssize_t>(line.size()) &&
         (!durable || fdatasync(file) == 0);
}

}  // namespace

absl::StatusOr<std::unique_ptr<HistoryMark>> HistoryMark::Open(const std::string& path, Use use) {
  for (;;) {
    const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
    if (file < 0) {
      return Failed("open", path);
    }
    auto mark = std::unique_ptr<HistoryMark>(new HistoryMark(path, file));
    OREWATCH_ASSIGN_OR_RETURN(const bool alone, mark->Lock(use));
    if (!mark->IsInPlace()) {
      continue;
    }
    mark->found_ = mark->Read();
    if (alone) {
      mark->Replace(use);
    }
    return mark;
  }
}

HistoryMark::~HistoryMark() { close(file_); }

absl::StatusOr<bool> HistoryMark::Lock(Use use) {
  if (LockNow(file_, LOCK_EX)) {
    return true;
  }
  if (use == Use::kAlone) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "STORAGE_IN_USE",
                     absl::StrCat("another process has opened the database of ", path_));
  }
  while (flock(file_, LOCK_SH) != 0) {
    if (errno != EINTR) {
      return Failed("lock", path_);
    }
  }
  return false;
}

bool HistoryMark::IsInPlace() const {
  struct stat there {};
  struct stat ours {};
  return stat(path_.c_str(), &there) == 0 && fstat(file_, &ours) == 0 && there.st_dev == ours.st_dev &&
         there.st_ino == ours.st_ino;
}

std::optional<HistoryMark::Position> HistoryMark::Read() const {
  std::array<char, kMarkBytes> bytes{};
  const ssize_t read = pread(file_, bytes.data(), bytes.size(), 0);
  if (read <= 0) {
    return std::nullopt;
  }
  // lineage, head, identity, blanks
  const std::vector<std::string> lines =
      absl::StrSplit(absl::string_view(bytes.data(), static_cast<size_t>(read)), '\n');
  const std::vector<std::string> words = absl::StrSplit(lines.front(), ' ');
  Position position;
  if (words.size() < 3 || !absl::SimpleAtoi(words[1], &position.head) || words[2] != IdentityOf(file_)) {
    return std::nullopt;
  }
  position.lineage = words[0];
  return position;
}

void HistoryMark::Replace(Use use) {
  const int lock = use == Use::kAlone ? LOCK_EX : LOCK_SH;
  const std::string fresh = absl::StrCat(path_, ".new");
  unlink(fresh.c_str());
  const int file = open(fresh.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode);
  const bool replaced = file >= 0 && LockNow(file, lock) &&
                        (!found_.has_value() || WriteTo(file, *found_, /*durable=*/true)) &&
                        rename(fresh.c_str(), path_.c_str()) == 0;
  if (replaced) {
    close(std::exchange(file_, file));
    return;
  }
  if (file >= 0) {
    unlink(fresh.c_str());
    close(file);
  }
  flock(file_, lock);
}

absl::Status HistoryMark::Write(const Position& position, bool durable) {
  return WriteTo(file_, position, durable) ? absl::OkStatus() : Failed("write", path_);
}

}  // namespace orewatch::storage

#include "common/storage/history_mark.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"

namespace orewatch::storage {
namespace {

constexpr size_t kMarkBytes = 64;
constexpr mode_t kFileMode = 0644;

absl::Status Failed(const std::string& what, const std::string& path) {
  return MakeError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE",
                   absl::StrCat("cannot ", what, " ", path, ": ", std::strerror(errno)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<HistoryMark>> HistoryMark::Open(const std::string& path, Use use) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
  if (file < 0) {
    return Failed("open", path);
  }
  if (flock(file, (use == Use::kAlone ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
    close(file);
    return MakeError(absl::StatusCode::kFailedPrecondition, "STORAGE_IN_USE",
                     absl::StrCat("another process has opened the database of ", path));
  }
  return std::unique_ptr<HistoryMark>(new HistoryMark(path, file));
}

HistoryMark::~HistoryMark() { close(file_); }

std::optional<HistoryMark::Position> HistoryMark::Read() const {
  std::array<char, kMarkBytes> bytes{};
  const ssize_t read = pread(file_, bytes.data(), bytes.size(), 0);
  if (read <= 0) {
    return std::nullopt;
  }
  // lineage, head, blanks
  const std::vector<std::string> words =
      absl::StrSplit(absl::string_view(bytes.data(), static_cast<size_t>(read)), absl::ByAnyChar(" \n"));
  Position position;
  if (words.size() < 2 || !absl::SimpleAtoi(words[1], &position.head)) {
    return std::nullopt;
  }
  position.lineage = words[0];
  return position;
}

absl::Status HistoryMark::Write(const Position& position, bool durable) {
  std::string line = absl::StrCat(position.lineage, " ", position.head);
  line.resize(kMarkBytes, ' ');
  line.back() = '\n';
  if (pwrite(file_, line.data(), line.size(), 0) != static_cast<ssize_t>(line.size())) {
    return Failed("write", path_);
  }
  return !durable || fdatasync(file_) == 0 ? absl::OkStatus() : Failed("write", path_);
}

}  // namespace orewatch::storage

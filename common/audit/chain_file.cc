#include "common/audit/chain_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <random>
#include <system_error>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/audit/log_files.h"
#include "common/status/status.h"

namespace orewatch::audit {
namespace {

constexpr mode_t kOwnerOnly = 0600;

std::string NewChain() {
  std::random_device entropy;
  std::string bytes;
  constexpr size_t kWords = 2;
  for (size_t i = 0; i < kWords; ++i) {
    const unsigned word = entropy();
    bytes.append(reinterpret_cast<const char*>(&word), sizeof(word));
  }
  return absl::BytesToHexString(bytes);
}

// A file that is there after a crash has a name that is there too.
bool SyncFolderOf(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  const int fd = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    return false;
  }
  const bool synced = fsync(fd) == 0;
  close(fd);
  return synced;
}

}  // namespace

absl::Status ChainFile::Failed(const char* what) {
  error_ = errno;
  return MakeError(absl::StatusCode::kUnavailable, "AUDIT_LOG_UNAVAILABLE",
                   absl::StrCat("cannot ", what, " the audit log ", options_.path, ": ", std::strerror(error_)));
}

absl::StatusOr<std::unique_ptr<ChainFile>> ChainFile::Open(const Options& options) {
  const std::filesystem::path folder = std::filesystem::path(options.path).parent_path();
  std::error_code ignored;
  if (!folder.empty()) {
    std::filesystem::create_directories(folder, ignored);
  }
  std::unique_ptr<ChainFile> file(new ChainFile(options));
  OREWATCH_RETURN_IF_ERROR(file->OpenCurrent());
  OREWATCH_RETURN_IF_ERROR(file->FindHead());
  return file;
}

ChainFile::~ChainFile() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

absl::Status ChainFile::OpenCurrent() {
  fd_ = open(options_.path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kOwnerOnly);
  if (fd_ < 0) {
    return Failed("open");
  }
  if (flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK ? MakeError(absl::StatusCode::kUnavailable, "AUDIT_LOG_IN_USE",
                                            absl::StrCat("another process writes the audit log ", options_.path))
                                : Failed("lock");
  }
  // Also of a file that somebody has put there before.
  if (fchmod(fd_, kOwnerOnly) != 0 || !SyncFolderOf(options_.path)) {
    return Failed("open");
  }
  return absl::OkStatus();
}

// The last whole line of the file, if it has one.
absl::Status ChainFile::ReadHead(const std::string& file) {
  std::string first;
  std::string last;
  OREWATCH_RETURN_IF_ERROR(ForEachLine(file, [&](const Line& line) {
    if (!line.whole) {
      torn_bytes_ = line.end - line.begin;
      return;
    }
    end_ = line.end;
    last = std::string(line.text);
    if (line.number == 1) {
      first = last;
    }
  }));
  if (last.empty()) {
    return absl::OkStatus();
  }
  auto record = ParseLine(last);
  auto beginning = ParseLine(first);
  if (!record.ok() || !beginning.ok()) {
    return MakeError(
        absl::StatusCode::kDataLoss, "AUDIT_LOG_DAMAGED",
        absl::StrCat("a record of ", file, " is damaged (", (record.ok() ? beginning : record).status().message(),
                     "): `orewatchctl audit verify` says where; keep the file and begin another log"));
  }
  head_ = {record->chain, record->sequence, record->hash};
  first_sequence_ = beginning->sequence;
  return absl::OkStatus();
}

absl::Status ChainFile::FindHead() {
  OREWATCH_RETURN_IF_ERROR(ReadHead(options_.path));
  unclean_ = torn_bytes_ > 0;
  if (head_.sequence > 0) {
    return absl::OkStatus();
  }
  // The process ended between two files, or this is the first.
  std::vector<std::string> files = FilesOf(options_.path);
  files.pop_back();
  if (!files.empty()) {
    const int64_t torn = torn_bytes_;
    OREWATCH_RETURN_IF_ERROR(ReadHead(files.back()));
    torn_bytes_ = torn;
    end_ = 0;
  }
  first_sequence_ = head_.sequence + 1;
  if (head_.sequence == 0) {
    head_ = {NewChain(), 0, NoHash()};
  }
  return absl::OkStatus();
}

absl::Status ChainFile::Rotate() {
  if (rename(options_.path.c_str(), ArchiveName(options_.path, first_sequence_).c_str()) != 0) {
    return Failed("rename");
  }
  // The lock goes with the file: nobody else finds the new one unlocked and this process writing.
  const int old = fd_;
  const absl::Status opened = OpenCurrent();
  if (!opened.ok()) {
    if (fd_ >= 0) {
      close(fd_);
    }
    fd_ = old;
    rename(ArchiveName(options_.path, first_sequence_).c_str(), options_.path.c_str());
    return opened;
  }
  close(old);
  end_ = 0;
  first_sequence_ = head_.sequence + 1;
  return absl::OkStatus();
}

absl::Status ChainFile::Write(absl::string_view bytes) {
  // What was written and not confirmed may be there in part.
  if (unclean_ && ftruncate(fd_, end_) != 0) {
    return Failed("mend");
  }
  unclean_ = true;
  for (size_t written = 0; written < bytes.size();) {
    const ssize_t count =
        pwrite(fd_, bytes.data() + written, bytes.size() - written, end_ + static_cast<int64_t>(written));
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return Failed("write");
    }
    written += static_cast<size_t>(count);
  }
  if (fdatasync(fd_) != 0) {
    return Failed("sync");
  }
  unclean_ = false;
  end_ += static_cast<int64_t>(bytes.size());
  return absl::OkStatus();
}

absl::Status ChainFile::Append(std::vector<Record>& records) {
  if (end_ >= options_.max_bytes) {
    OREWATCH_RETURN_IF_ERROR(Rotate());
  }
  Head head = head_;
  std::string lines;
  for (Record& record : records) {
    record.process = options_.process;
    record.chain = head.chain;
    record.sequence = head.sequence + 1;
    record.previous = head.hash;
    absl::StrAppend(&lines, SealLine(record), "\n");
    head.sequence = record.sequence;
    head.hash = record.hash;
  }
  OREWATCH_RETURN_IF_ERROR(Write(lines));
  head_ = std::move(head);
  return absl::OkStatus();
}

}  // namespace orewatch::audit

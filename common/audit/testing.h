// Logs for tests: real files.
#pragma once

#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/audit/chain_file.h"
#include "common/audit/log_files.h"
#include "gmock/gmock.h"

namespace orewatch::audit {

inline std::string ReadAll(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline void WriteAll(const std::string& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

inline void FlipBit(std::string& bytes, size_t where, int bit = 0) {
  bytes[where] = static_cast<char>(bytes[where] ^ (1 << bit));
}

// The lines of a file, and a file of lines.
inline std::vector<std::string> LinesOf(const std::string& file) {
  return absl::StrSplit(ReadAll(file), '\n', absl::SkipEmpty());
}
inline void WriteLines(const std::string& file, const std::vector<std::string>& lines) {
  WriteAll(file, absl::StrCat(absl::StrJoin(lines, "\n"), "\n"));
}

inline Record ChangeOf(const std::string& resource) {
  Record record;
  record.time = absl::FromUnixSeconds(1'700'000'000);
  record.kind = kChange;
  record.principal = "olga";
  record.role = "ROLE_OPERATOR";
  record.method = "orewatch.registry.v1.Registry/UpdateMineral";
  record.resources = {resource};
  record.code = "OK";
  return record;
}

// Goes on with the log at `path` by so many changes, each with a write of its own.
inline Head WriteLog(const std::string& path, int count, int64_t max_bytes = 1 << 20) {
  auto file = ChainFile::Open({path, "orewatch-test@here", max_bytes});
  if (!file.ok()) {
    ADD_FAILURE() << file.status();
    return {};
  }
  for (int i = 0; i < count; ++i) {
    std::vector<Record> records = {ChangeOf(absl::StrCat("minerals/m", i))};
    const absl::Status status = (*file)->Append(records);
    EXPECT_TRUE(status.ok()) << status;
  }
  return (*file)->head();
}

// While it lives no file may grow beyond so many bytes: a disk that is full.
class FullDisk {
 public:
  explicit FullDisk(int64_t bytes) {
    old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old_);
    rlimit limit = old_;
    limit.rlim_cur = static_cast<rlim_t>(bytes);
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int) = nullptr;
};

}  // namespace orewatch::audit

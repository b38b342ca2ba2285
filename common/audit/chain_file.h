// The file that an audit log is written to.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/audit/record.h"

namespace orewatch::audit {

// The last record of a log.
struct Head {
  std::string chain;
  int64_t sequence = 0;
  std::string hash;
};

// Thread-compatible. Blocks.
class ChainFile {
 public:
  struct Options {
    std::string path;
    // Named in each record.
    std::string process;
    // A file that has grown to this is followed by another.
    int64_t max_bytes = int64_t{64} * 1024 * 1024;
  };

  // Goes on with the log that is there, or begins one, in a file that only its owner may read and that no other process
  // writes. UNAVAILABLE if that cannot be had; DATA_LOSS, reason AUDIT_LOG_DAMAGED, if the last record is none: then
  // nothing can follow it, and somebody must look first.
  static absl::StatusOr<std::unique_ptr<ChainFile>> Open(const Options& options);
  ~ChainFile();
  ChainFile(const ChainFile&) = delete;
  ChainFile& operator=(const ChainFile&) = delete;

  // Numbers the records, chains each to the one before, and writes them: on return they are on the disk. UNAVAILABLE:
  // none of them is there, and the same may be tried again.
  absl::Status Append(std::vector<Record>& records);

  const Head& head() const { return head_; }
  // What Open has cut off: the beginning of a line that was never finished.
  int64_t torn_bytes() const { return torn_bytes_; }
  // errno of the last failure.
  int error() const { return error_; }

 private:
  explicit ChainFile(const Options& options) : options_(options) {}
  absl::Status OpenCurrent();
  // Finds the head, and where the next line begins.
  absl::Status FindHead();
  absl::Status ReadHead(const std::string& file);
  absl::Status Rotate();
  absl::Status Write(absl::string_view bytes);
  absl::Status Failed(const char* what);

  const Options options_;
  int fd_ = -1;
  Head head_;
  int64_t end_ = 0;
  // Of the file that is written.
  int64_t first_sequence_ = 1;
  int64_t torn_bytes_ = 0;
  // What a failed write has left behind the end must go before the next.
  bool unclean_ = false;
  int error_ = 0;
};

}  // namespace orewatch::audit

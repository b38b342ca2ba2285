// What a database is remembered by outside of itself, so that one restored from an older copy is noticed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace orewatch::storage {

// A small file beside the database, which says when it was made itself: a copy of it was made later, and tells nothing.
// Whoever opens it alone puts a new one in its place, so that a copy written over it is not taken for it either, unless
// it is of the same run. Thread-compatible.
class HistoryMark {
 public:
  struct Position {
    std::string lineage;
    int64_t head = 0;
  };

  // Whether two may have the file open at once.
  enum class Use { kAlone, kShared };

  // Opens or creates the file. UNAVAILABLE if it cannot be, FAILED_PRECONDITION (STORAGE_IN_USE) if it is to be used
  // alone and somebody has it. Who shares waits while another opens it.
  static absl::StatusOr<std::unique_ptr<HistoryMark>> Open(const std::string& path, Use use);
  ~HistoryMark();
  HistoryMark(const HistoryMark&) = delete;
  HistoryMark& operator=(const HistoryMark&) = delete;

  // What was found on opening; nothing if the file is new, unreadable or a copy.
  const std::optional<Position>& found() const { return found_; }
  // Survives the process at once, and a loss of power where `durable`. UNAVAILABLE.
  absl::Status Write(const Position& position, bool durable);

 private:
  HistoryMark(std::string path, int file) : path_(std::move(path)), file_(file) {}
  // True if nobody else has the file.
  absl::StatusOr<bool> Lock(Use use);
  // Whether the path still leads to the file.
  bool IsInPlace() const;
  std::optional<Position> Read() const;
  // What cannot be replaced (a full disk) is used as it is: fewer copies are noticed, no more.
  void Replace(Use use);

  const std::string path_;
  int file_;
  std::optional<Position> found_;
};

}  // namespace orewatch::storage

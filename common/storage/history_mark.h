// What a database is remembered by outside of itself, so that one restored from an older copy is noticed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace orewatch::storage {

// A small file beside the database. Thread-compatible.
class HistoryMark {
 public:
  struct Position {
    std::string lineage;
    int64_t head = 0;
  };

  // Whether two may have the file open at once.
  enum class Use { kAlone, kShared };

  // Opens or creates the file. UNAVAILABLE if it cannot be, FAILED_PRECONDITION (STORAGE_IN_USE) if somebody has it who
  // uses it alone, or is to use it alone.
  static absl::StatusOr<std::unique_ptr<HistoryMark>> Open(const std::string& path, Use use);
  ~HistoryMark();
  HistoryMark(const HistoryMark&) = delete;
  HistoryMark& operator=(const HistoryMark&) = delete;

  // Nothing if the file is new or unreadable.
  std::optional<Position> Read() const;
  // Survives the process at once, and a loss of power where `durable`. UNAVAILABLE.
  absl::Status Write(const Position& position, bool durable);

 private:
  HistoryMark(std::string path, int file) : path_(std::move(path)), file_(file) {}
  const std::string path_;
  const int file_;
};

}  // namespace orewatch::storage

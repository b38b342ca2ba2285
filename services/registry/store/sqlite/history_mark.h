// What a database is remembered by outside of itself, so that one restored from an older copy is noticed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace orewatch::registry {

// A small file beside the database. Thread-compatible.
class HistoryMark {
 public:
  struct Position {
    std::string lineage;
    int64_t head = 0;
  };

  // Opens or creates the file, for this process alone while it lives. UNAVAILABLE if it cannot be,
  // FAILED_PRECONDITION (STORAGE_IN_USE) if somebody else has it.
  static absl::StatusOr<std::unique_ptr<HistoryMark>> Open(const std::string& path);
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

}  // namespace orewatch::registry

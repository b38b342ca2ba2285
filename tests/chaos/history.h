// What a run of the registry under attack left behind: what its callers asked for and were told, and what it keeps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "orewatch/registry/v1/registry.pb.h"

namespace orewatch::testing {

// Every change set from revision 1 to the head, each in one piece.
using History = std::vector<registry::v1::ChangeSet>;

// What a write was to do to one entry.
struct ExpectedChange {
  registry::v1::Change::Operation operation = registry::v1::Change::OPERATION_UNSPECIFIED;
  std::string name;
  // As the history keeps it, without metadata; unset where the change leaves none.
  registry::v1::Entry after;
};

struct RecordedWrite {
  enum class Outcome {
    // It stands, at `revision`.
    kAcknowledged,
    // For a reason that the caller knows: it does not stand.
    kRefused,
    // Nobody told.
    kUnknown,
  };
  // Of this write alone.
  std::string request_id;
  std::vector<ExpectedChange> changes;
  Outcome outcome = Outcome::kUnknown;
  type::v1::Revision revision = {};
  // Of the last attempt.
  absl::Status error = absl::OkStatus();
};

// Resources as one answer showed them.
struct RecordedRead {
  std::vector<std::string> names;
  // The reader had been told of this revision.
  int64_t min_revision = 0;
  absl::Status error = absl::OkStatus();
  // With metadata.
  std::vector<registry::v1::Entry> entries = {};
  // What the answer says to show; 0: it does not say.
  int64_t revision = 0;
};

// A change set that came in a stream.
struct SeenChangeSet {
  type::v1::Revision revision;
  // Of all that the message says but the lineage.
  std::string fingerprint;
};

// What one watcher saw, over all of its streams.
struct RecordedWatch {
  std::string watcher;
  std::vector<SeenChangeSet> sets = {};
  // Errors other than those of a server that went away.
  std::vector<std::string> errors = {};
};

// Equal for change sets that are equal but for their lineage.
std::string FingerprintOf(const registry::v1::ChangeSet& set);

}  // namespace orewatch::testing

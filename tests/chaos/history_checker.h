// Whether what callers were told agrees with the history that the registry keeps.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/chaos/history.h"

namespace orewatch::testing {

// Looks at every record, none is a sample. Thread-compatible; the history outlives it.
class HistoryChecker {
 public:
  static constexpr size_t kMaxFaults = 50;

  // Finds what is wrong with the history by itself: gaps, revisions out of order, commit times that do not rise, more
  // than one lineage, digests that do not follow from the contents, an entry whose `before` is not what it was.
  // `secret`: by which digests are made (database_secret.h).
  // `earlier_lineages`: those under which the same history began, oldest first, where a fail-over has renewed the
  // lineage.
  HistoryChecker(const History& history, std::string secret, std::vector<std::string> earlier_lineages = {});

  // The head is the last revision, with the digest that follows from the contents.
  void CheckHead(const registry::v1::GetHeadResponse& head);
  // Each acknowledged write stands once, where and as it was acknowledged; a refused one does not; any other does once
  // or not at all, and whole; and nothing stands that nobody wrote, but what the registry writes itself.
  void CheckWrites(const std::vector<RecordedWrite>& writes);
  // Every revision once, in order, and the same as in the history.
  void CheckWatch(const RecordedWatch& watch);
  // What was shown is what stood at one revision, not before the one that the reader had been told of.
  void CheckRead(const RecordedRead& read);

  // In words, for people; the first kMaxFaults.
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  struct Version {
    int64_t revision = 0;
    registry::v1::Change::Operation operation = registry::v1::Change::OPERATION_UNSPECIFIED;
    // A deleted resource keeps what it was.
    registry::v1::Entry entry;
    bool live() const;
  };
  // Oldest first, by name.
  using Versions = std::map<std::string, std::vector<Version>>;

  template <typename... Words>
  void Fault(const Words&... words);
  void CheckSet(const registry::v1::ChangeSet& set, int64_t expected_revision);
  void CheckChange(const registry::v1::Change& change, int64_t revision);
  void CheckStanding(const RecordedWrite& write, const registry::v1::ChangeSet& set);
  // The version that stood at a revision; null: none did.
  const Version* At(const std::string& name, int64_t revision) const;
  // Where a lineage stands among those that the history had; nothing for another.
  std::optional<size_t> AgeOf(const std::string& lineage) const;
  void CheckShown(const RecordedRead& read, const std::string& name, const registry::v1::Entry& shown);

  const History& history_;
  const std::string secret_;
  // Oldest first, the last is that of the history.
  std::vector<std::string> lineages_;
  Versions versions_;
  std::string digest_;
  std::vector<std::string> faults_;
};

}  // namespace orewatch::testing

#include "tests/chaos/history_checker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/hash/sha256.h"
#include "common/time/proto_time.h"
#include "services/registry/domain/change_digest.h"
#include "services/registry/domain/kinds.h"

namespace orewatch::testing {
namespace {

using registry::CanonicalBytes;
using registry::v1::Change;
using registry::v1::ChangeSet;
using registry::v1::Entry;

constexpr char kRegistryItself[] = "orewatch-registry";

std::string Words(const ChangeSet& set) { return absl::StrCat("revision ", set.revision().number()); }

absl::Time CommitTime(const ChangeSet& set) { return FromProto(set.commit_time()); }

const Entry& EitherOf(const Change& change) { return change.has_after() ? change.after() : change.before(); }

bool LeavesNone(Change::Operation operation) {
  return operation == Change::OPERATION_DELETE || operation == Change::OPERATION_PURGE;
}

// What is not there before it.
bool BeginsAnew(Change::Operation operation) {
  return operation == Change::OPERATION_CREATE || operation == Change::OPERATION_UNDELETE;
}

const google::protobuf::Message* ResourceIn(const Entry& entry) {
  const auto kind = registry::KindOf(entry);
  return kind.has_value() && registry::IsResource(*kind) ? &registry::MessageIn(*kind, entry) : nullptr;
}

type::v1::Metadata MetadataOf(const Entry& entry) {
  type::v1::Metadata metadata;
  if (const auto* resource = ResourceIn(entry)) {
    const auto* field = resource->GetDescriptor()->FindFieldByName("metadata");
    metadata.CopyFrom(resource->GetReflection()->GetMessage(*resource, field));
  }
  return metadata;
}

Entry WithoutMetadata(Entry entry) {
  if (const auto kind = registry::KindOf(entry); ResourceIn(entry) != nullptr) {
    auto& resource = registry::MutableMessageIn(*kind, entry);
    resource.GetReflection()->ClearField(&resource, resource.GetDescriptor()->FindFieldByName("metadata"));
  }
  return entry;
}

bool Same(const Entry& a, const Entry& b) { return CanonicalBytes(a) == CanonicalBytes(b); }

std::map<std::string, const Change*> ByName(const ChangeSet& set) {
  std::map<std::string, const Change*> changes;
  for (const Change& change : set.changes()) {
    changes[change.name()] = &change;
  }
  return changes;
}

}  // namespace

std::string FingerprintOf(const ChangeSet& set) {
  ChangeSet told = set;
  told.mutable_revision()->clear_lineage();
  return Sha256Of(CanonicalBytes(told));
}

bool HistoryChecker::Version::live() const { return !LeavesNone(operation); }

template <typename... Words>
void HistoryChecker::Fault(const Words&... words) {
  if (faults_.size() < kMaxFaults) {
    faults_.push_back(absl::StrCat(words...));
  }
}

HistoryChecker::HistoryChecker(const History& history, std::string secret, std::vector<std::string> earlier_lineages)
    : history_(history), secret_(std::move(secret)), lineages_(std::move(earlier_lineages)) {
  lineages_.push_back(history_.empty() ? "" : history_.front().revision().lineage());
  int64_t expected = 0;
  for (const ChangeSet& set : history_) {
    CheckSet(set, ++expected);
  }
}

void HistoryChecker::CheckSet(const ChangeSet& set, int64_t expected_revision) {
  const int64_t revision = set.revision().number();
  if (revision != expected_revision) {
    Fault("revision ", expected_revision, " was to come, and ", revision, " came");
  }
  if (set.revision().lineage() != lineages_.back()) {
    Fault(Words(set), " is of another lineage");
  }
  if (&set != &history_.front() && CommitTime(set) <= CommitTime(*(&set - 1))) {
    Fault(Words(set), " was not committed after the one before");
  }
  if (set.changes().empty() || set.bookmark() || !set.last_chunk()) {
    Fault(Words(set), " changes nothing, or is not whole");
  }
  if (ByName(set).size() != static_cast<size_t>(set.changes_size())) {
    Fault(Words(set), " changes an entry twice");
  }
  for (const Change& change : set.changes()) {
    CheckChange(change, revision);
  }
  digest_ = registry::DigestOf(set, digest_, secret_);
  if (digest_ != set.digest()) {
    Fault(Words(set), " has the digest ", absl::BytesToHexString(set.digest()), ", from its contents follows ",
          absl::BytesToHexString(digest_));
    // Each break of the chain is told once.
    digest_ = set.digest();
  }
}

void HistoryChecker::CheckChange(const Change& change, int64_t revision) {
  std::vector<Version>& versions = versions_[change.name()];
  const Version* last = versions.empty() ? nullptr : &versions.back();
  const bool was_live = last != nullptr && last->live();
  if (was_live == BeginsAnew(change.operation()) && change.operation() != Change::OPERATION_PURGE) {
    Fault("revision ", revision, ": ", Change::Operation_Name(change.operation()), " of ", change.name(),
          ", which was ", was_live ? "there" : "not there");
  }
  if (change.operation() == Change::OPERATION_CREATE && last != nullptr && ResourceIn(change.after()) != nullptr) {
    Fault("revision ", revision, " creates ", change.name(), ", a name that had been used");
  }
  if (change.has_before() == BeginsAnew(change.operation()) || change.has_after() == LeavesNone(change.operation())) {
    Fault("revision ", revision, ": ", change.name(), " has a before or after that its operation does not");
  }
  if (change.has_before() && (last == nullptr || !Same(change.before(), last->entry))) {
    Fault("revision ", revision, ": what ", change.name(), " is said to have been before is not what it was");
  }
  versions.push_back({revision, change.operation(), EitherOf(change)});
}

void HistoryChecker::CheckHead(const registry::v1::GetHeadResponse& head) {
  if (head.revision().number() != static_cast<int64_t>(history_.size())) {
    Fault("the head is said to be ", head.revision().number(), ", and the history ends at ", history_.size());
  } else if (head.digest() != digest_) {
    Fault("the digest of the head does not follow from the contents");
  }
  if (head.revision().lineage() != lineages_.back()) {
    Fault("the head is of another lineage");
  }
}

void HistoryChecker::CheckWrites(const std::vector<RecordedWrite>& writes) {
  std::map<std::string, std::vector<const ChangeSet*>> standing;
  for (const ChangeSet& set : history_) {
    if (set.principal().subject() != kRegistryItself) {
      standing[set.request_id()].push_back(&set);
    }
  }
  for (const RecordedWrite& write : writes) {
    const auto node = standing.extract(write.request_id);
    const size_t times = node.empty() ? 0 : node.mapped().size();
    if (times > 1) {
      Fault("write ", write.request_id, " stands ", times, " times, at last at ", Words(*node.mapped().back()));
    }
    if (write.outcome == RecordedWrite::Outcome::kAcknowledged && times == 0) {
      Fault("write ", write.request_id, " was acknowledged at revision ", write.revision.number(), " and is lost");
    }
    if (write.outcome == RecordedWrite::Outcome::kRefused && times > 0) {
      Fault("write ", write.request_id, " was refused (", write.error.ToString(), ") and stands at ",
            Words(*node.mapped().front()));
    }
    if (times > 0) {
      CheckStanding(write, *node.mapped().front());
    }
  }
  for (const auto& [request_id, sets] : standing) {
    Fault(Words(*sets.front()), " was written by nobody; its request is '", request_id, "'");
  }
}

void HistoryChecker::CheckStanding(const RecordedWrite& write, const ChangeSet& set) {
  if (write.outcome == RecordedWrite::Outcome::kAcknowledged &&
      (write.revision.number() != set.revision().number() || !AgeOf(write.revision.lineage()).has_value())) {
    Fault("write ", write.request_id, " was acknowledged at revision ", write.revision.number(), " and stands at ",
          set.revision().number());
  }
  std::map<std::string, const Change*> changes = ByName(set);
  for (const ExpectedChange& expected : write.changes) {
    const auto node = changes.extract(expected.name);
    if (node.empty()) {
      Fault(Words(set), " lacks the change of ", expected.name, " by ", write.request_id);
    } else if (node.mapped()->operation() != expected.operation || !Same(node.mapped()->after(), expected.after)) {
      Fault(Words(set), " changes ", expected.name, " to what ", write.request_id, " did not write");
    }
  }
  if (!changes.empty()) {
    Fault(Words(set), " changes ", changes.begin()->first, ", which ", write.request_id, " did not");
  }
}

void HistoryChecker::CheckWatch(const RecordedWatch& watch) {
  for (const std::string& error : watch.errors) {
    Fault(watch.watcher, ": ", error);
  }
  int64_t expected = 0;
  size_t age = 0;
  for (const SeenChangeSet& seen : watch.sets) {
    ++expected;
    const int64_t revision = seen.revision.number();
    if (revision != expected) {
      Fault(watch.watcher, ": revision ", expected, " was to come, and ", revision, " came");
      // Each break of the order is told once.
      expected = revision;
    }
    if (revision < 1 || revision > static_cast<int64_t>(history_.size())) {
      Fault(watch.watcher, " saw revision ", revision, ", which the history does not have");
    } else if (seen.fingerprint != FingerprintOf(history_[static_cast<size_t>(revision) - 1])) {
      Fault(watch.watcher, " saw another revision ", revision, " than the history has");
    }
    const auto seen_age = AgeOf(seen.revision.lineage());
    if (!seen_age.has_value() || *seen_age < age) {
      Fault(watch.watcher, " saw revision ", revision, " in another lineage");
    }
    age = seen_age.value_or(age);
  }
  if (expected != static_cast<int64_t>(history_.size())) {
    Fault(watch.watcher, " saw the last of revision ", expected, " of ", history_.size());
  }
}

const HistoryChecker::Version* HistoryChecker::At(const std::string& name, int64_t revision) const {
  const auto found = versions_.find(name);
  if (found == versions_.end()) {
    return nullptr;
  }
  const auto next = std::upper_bound(found->second.begin(), found->second.end(), revision,
                                     [](int64_t wanted, const Version& version) { return wanted < version.revision; });
  return next == found->second.begin() ? nullptr : &*std::prev(next);
}

std::optional<size_t> HistoryChecker::AgeOf(const std::string& lineage) const {
  const auto found = std::find(lineages_.begin(), lineages_.end(), lineage);
  return found == lineages_.end() ? std::nullopt : std::optional<size_t>(found - lineages_.begin());
}

void HistoryChecker::CheckRead(const RecordedRead& read) {
  if (!read.error.ok()) {
    Fault("a read of ", read.names.front(), " at revision ", read.min_revision, " failed: ", read.error.ToString());
    return;
  }
  if (read.revision != 0 && read.revision < read.min_revision) {
    Fault("a read that was to show revision ", read.min_revision, " shows ", read.revision);
  }
  if (read.names.size() != read.entries.size()) {
    Fault("a read of ", read.names.size(), " names shows ", read.entries.size());
    return;
  }
  for (size_t i = 0; i < read.names.size(); ++i) {
    CheckShown(read, read.names[i], read.entries[i]);
  }
}

void HistoryChecker::CheckShown(const RecordedRead& read, const std::string& name, const Entry& shown) {
  const type::v1::Metadata metadata = MetadataOf(shown);
  const int64_t shown_revision = metadata.revision().number();
  const Version* version = At(name, shown_revision);
  if (version == nullptr || version->revision != shown_revision) {
    Fault("a read shows ", name, " of revision ", shown_revision, ", which did not change it");
    return;
  }
  if (!Same(WithoutMetadata(shown), version->entry) || metadata.has_delete_time() == version->live()) {
    Fault("a read shows another ", name, " than that of revision ", shown_revision);
  }
  const int64_t told = std::max(read.min_revision, read.revision);
  const Version* newest = At(name, told);
  const bool older = newest != nullptr && newest->revision > shown_revision;
  const bool newer = read.revision != 0 && shown_revision > read.revision;
  if (older || newer) {
    Fault("a read at revision ", told, " shows ", name, " of revision ", shown_revision,
          older ? ", and it is older" : ", and it is newer");
  }
}

}  // namespace orewatch::testing

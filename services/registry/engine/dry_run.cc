#include "services/registry/engine/dry_run.h"

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace orewatch::registry {
namespace {

// Of a key and its place in the map, about.
constexpr size_t kBytesBesidePayload = 128;

absl::Status OnlyPuts() { return absl::InternalError("an import only creates and updates"); }

}  // namespace

// The store's transaction under what has been written; never writes to it.
class DryRun::Portion final : public WriteTransaction {
 public:
  Portion(DryRun& run, WriteTransaction& store)
      : run_(run), store_(store), revision_(store.revision() + run.portions_) {}

  absl::Status Prefetch(const std::vector<EntryKey>& keys) override { return store_.Prefetch(keys); }

  absl::StatusOr<std::optional<StoredEntry>> Find(Kind kind, const std::string& key) override {
    const auto written = run_.written_.find({kind, key});
    if (written == run_.written_.end()) {
      return store_.Find(kind, key);
    }
    const Version& version = written->second;
    StoredEntry stored{kind, key, version.revision, version.create_time, version.update_time, std::nullopt, {}};
    stored.entry.ParseFromString(version.payload);
    return std::make_optional(std::move(stored));
  }

  absl::Status Put(Kind kind, const std::string& key, const v1::Entry& entry) override {
    OREWATCH_ASSIGN_OR_RETURN(const auto live, Find(kind, key));
    const absl::Time created = live.has_value() ? live->create_time : commit_time();
    run_.Keep({kind, key}, {revision_, created, commit_time(), entry.SerializeAsString()});
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Existed(Kind kind, const std::string& key) override {
    return run_.written_.count({kind, key}) > 0 ? absl::StatusOr<bool>(true) : store_.Existed(kind, key);
  }

  // Of what was written only what the target contains, which is all that a write asks for.
  absl::StatusOr<std::vector<std::string>> Referrers(const std::string& target, int limit) override {
    OREWATCH_ASSIGN_OR_RETURN(const std::vector<std::string> stored, store_.Referrers(target, limit));
    std::set<std::string> referrers(stored.begin(), stored.end());
    const std::string prefix = absl::StrCat(target, "/");
    for (auto written = run_.written_.lower_bound({Kind::kFacility, prefix});
         written != run_.written_.end() && absl::StartsWith(written->first.key, prefix); ++written) {
      referrers.insert(written->first.key);
    }
    return std::vector<std::string>(referrers.begin(), referrers.end());
  }

  absl::StatusOr<std::optional<PastRequest>> FindRequest(const Author& author) override {
    return store_.FindRequest(author);
  }
  int64_t revision() const override { return revision_; }
  absl::Time commit_time() const override { return store_.commit_time(); }

  absl::Status MarkDeleted(Kind /*kind*/, const std::string& /*key*/) override { return OnlyPuts(); }
  absl::Status Delete(Kind /*kind*/, const std::string& /*key*/) override { return OnlyPuts(); }
  absl::Status KeepRequest(const Author& /*author*/, const PastRequest& /*request*/) override { return OnlyPuts(); }
  absl::Status NoteFollower(const std::string& /*follower*/, int64_t /*revision*/) override { return OnlyPuts(); }
  absl::Status Compact(int64_t /*revision*/) override { return OnlyPuts(); }
  absl::Status DropSearched(int64_t /*revision*/, int /*max_changes*/) override { return OnlyPuts(); }

 private:
  DryRun& run_;
  WriteTransaction& store_;
  // Above every revision that the store has, and that an earlier portion had.
  const int64_t revision_;
};

absl::Status DryRun::Write(WriteTransaction& store, const std::function<absl::Status(WriteTransaction&)>& write) {
  Portion portion(*this, store);
  ++portions_;
  return write(portion);
}

void DryRun::Keep(EntryKey key, Version version) {
  size_t& kept = IsStatistic(key.kind) ? statistic_bytes_ : resource_bytes_;
  const auto known = written_.find(key);
  if (known == written_.end() && IsStatistic(key.kind) && kept >= kMaxStatisticBytes) {
    return;
  }
  kept += version.payload.size();
  if (known != written_.end()) {
    kept -= known->second.payload.size();
    known->second = std::move(version);
    return;
  }
  kept += key.key.size() + kBytesBesidePayload;
  written_.emplace(std::move(key), std::move(version));
}

}  // namespace orewatch::registry

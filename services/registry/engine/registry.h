// The registry's rules over its store: names, preconditions, references, visibility, idempotency, pages.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/exec/byte_budget.h"
#include "common/seal/page_token.h"
#include "common/time/clock.h"
#include "google/protobuf/message.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "services/registry/engine/change_set_writer.h"
#include "services/registry/engine/mutation.h"
#include "services/registry/engine/pages.h"
#include "services/registry/engine/registry_metrics.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

using MessagePtr = std::unique_ptr<google::protobuf::Message>;

// What every write may ask for.
struct WriteOptions {
  Author author;
  // Serialised request, to tell a repeat from another request of the same id.
  std::string payload;
  bool validate_only = false;
};

// Thread-safe; blocks on storage.
class Registry {
 public:
  static constexpr int kMaxBatch = 1000;
  static constexpr int kDefaultSearchPage = 20;
  static constexpr int kMaxSearchPage = 100;
  // No search goes further down its matches: the page that gets there is the last.
  static constexpr size_t kMaxSearchDepth = 10'000;
  // Compaction spares what is younger, and the positions of followers that were there since.
  static constexpr absl::Duration kHistoryKept = absl::Hours(24);
  static constexpr absl::Duration kFollowersKept = absl::Hours(24 * 30);
  static constexpr size_t kMaxNotedAtOnce = 10'000;

  static constexpr size_t kImportMemory = size_t{1536} << 20;

  // `metrics` may be null: nothing is counted. Outlives the registry, as the others do.
  Registry(RegistryStore& store, const Clock& clock, size_t import_memory = kImportMemory,
           RegistryMetrics* metrics = nullptr)
      : store_(store), clock_(clock), metrics_(metrics), import_memory_(import_memory) {}

  // OUT_OF_RANGE, reason REVISION_ABOVE_HEAD: nobody can have seen that revision.
  absl::Status CheckMinRevision(int64_t min_revision) const;
  // Deleted ones too. NOT_FOUND.
  absl::StatusOr<v1::Entry> Get(const std::string& principal, Kind kind, const std::string& key) const;
  // The bytes of the message that Get finds, or its error, if that takes no storage; else nothing. Never blocks.
  std::optional<absl::StatusOr<std::string>> GetFromMemory(const std::string& principal, Kind kind,
                                                           const std::string& key) const;
  // In the order of the names, at one revision. NOT_FOUND names what is missing; INVALID_ARGUMENT, also for more than
  // kMaxPageBytes together.
  absl::StatusOr<Page> BatchGet(const std::string& principal, const std::vector<std::string>& names) const;
  // INVALID_ARGUMENT for a page token of another query, FAILED_PRECONDITION (PAGE_TOKEN_EXPIRED, and TOO_MANY_TO_ORDER
  // over more than kMaxOrdered entries). A page may be shorter than asked for, and more may follow all the same.
  absl::StatusOr<Page> List(const ListRequest& request) const;
  // What happened to one resource, as far as the principal could see it. NOT_FOUND; page tokens as in List.
  absl::StatusOr<HistoryPage> ListChanges(const PageRequest& page, const std::string& name, bool oldest_first) const;

  // NOT_FOUND unless the principal may see the resource, or could see it before it was purged.
  absl::Status CheckHistoryReadable(const std::string& principal, const EntryKey& entry) const;

  // Live resources of the kinds (none: of all), the best match first, as far as the principal may see them.
  // INVALID_ARGUMENT; page tokens as in List.
  absl::StatusOr<SearchPage> Search(const PageRequest& page, const std::string& query,
                                    const std::vector<Kind>& kinds) const;

  // OK if changes can be read on from a revision that a follower has, with its digest if it kept it. Else OUT_OF_RANGE
  // (REVISION_ABOVE_HEAD, REVISION_COMPACTED) or FAILED_PRECONDITION (LINEAGE_CHANGED).
  absl::Status CheckContinues(const type::v1::Revision& after, const std::string& digest) const;
  // Who follows the feed, by a name of his own.
  struct Follower {
    std::string principal;
    std::string name;
  };
  // Remembers a follower's position, so that compaction spares what comes after. Never blocks. INVALID_ARGUMENT blaming
  // `follower`, RESOURCE_EXHAUSTED (TOO_MANY_FOLLOWERS).
  absl::Status NoteFollower(const Follower& follower, int64_t revision);
  // Stores the positions that were noted since the last time; to be called every minute or so.
  absl::Status KeepFollowers();
  // FAILED_PRECONDITION (STILL_NEEDED), INVALID_ARGUMENT, OUT_OF_RANGE.
  absl::Status Compact(int64_t revision);

  // Applies one mutation and returns the resource or statistic as it is then; an empty entry if there was nothing to
  // delete. Errors as in ChangeSetWriter.
  absl::StatusOr<v1::Entry> Apply(const Mutation& mutation, const WriteOptions& options);
  // Applies all in one revision, or none.
  absl::StatusOr<v1::ApplyChangesResponse> ApplyAll(const std::vector<Mutation>& mutations,
                                                    const WriteOptions& options);

  using Body = std::function<absl::StatusOr<std::string>(WriteTransaction&)>;
  struct WriteAnswer {
    std::string bytes;
    // It is that of an earlier request.
    bool replayed = false;
  };
  // Runs `body` once per request_id and returns its answer, or the first; rolls back if only validation is wanted. It
  // is about to look at `touched`. INVALID_ARGUMENT blaming request_id if it was used for another payload.
  absl::StatusOr<WriteAnswer> WriteOnce(const WriteOptions& options, const std::vector<EntryKey>& touched,
                                        const Body& body);

  // Records the UTC date if it has not been recorded. The one way for time to enter the history.
  absl::Status CommitToday();
  // Ends resources that were deleted kDeletedKept ago. Returns how many.
  absl::StatusOr<int> PurgeExpired();
  // Forgets a portion of what search has kept for pages whose tokens have expired, small enough that other writes have
  // their turn. Returns whether there may be more.
  absl::StatusOr<bool> DropSearched();

  absl::Time Now() const { return clock_.Now(); }
  type::v1::Revision RevisionOf(int64_t number) const;
  // NOT_FOUND if there is no such revision.
  absl::StatusOr<google::protobuf::Timestamp> CommitTimeOf(int64_t revision) const;
  RegistryStore& store() { return store_; }
  // Null: nothing is counted.
  RegistryMetrics* metrics() { return metrics_; }
  // What the rows of all imports under way may take.
  ByteBudget& import_memory() { return import_memory_; }

 private:
  // The token that was sent, or that of a first page.
  absl::StatusOr<PageToken> TokenOf(const PageRequest& request, const std::string& query) const;
  // The token that was sent, if it leads anywhere.
  absl::StatusOr<PageToken> OpenToken(const std::string& text, const std::string& query) const;
  // Adds what the principal may see until the page is full; returns whether more may follow, and moves the query on to
  // where the next page begins.
  absl::StatusOr<bool> FillHistory(const PageRequest& request, HistoryQuery& history, HistoryPage& page) const;
  // Moves the query on likewise.
  absl::StatusOr<bool> FillMatches(const PageRequest& request, SearchQuery& query, SearchPage& page) const;
  absl::StatusOr<std::optional<StoredEntry>> SeenNow(const std::string& principal,
                                                     absl::StatusOr<std::optional<StoredEntry>> found) const;
  v1::Entry Shown(StoredEntry stored) const;

  // Writes a change set and counts what came of it. What is only validated counts as nothing.
  absl::StatusOr<std::string> WriteAndCount(const std::vector<Mutation>& mutations, const WriteOptions& options,
                                            const Body& body);

  RegistryStore& store_;
  const Clock& clock_;
  RegistryMetrics* const metrics_;
  ByteBudget import_memory_;
  absl::Mutex followers_mutex_;
  // Not stored yet.
  absl::flat_hash_map<std::string, int64_t> noted_ ABSL_GUARDED_BY(followers_mutex_);
};

// FAILED_PRECONDITION (LINEAGE_CHANGED): the history that was begun with has become another one, of the lineage `now`.
absl::Status LineageChanged(const std::string& now);
// That, if so.
absl::Status CheckSameLineage(const std::string& begun_with, const std::string& now);

}  // namespace orewatch::registry

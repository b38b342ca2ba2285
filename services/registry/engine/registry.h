// The registry's rules over its store: names, preconditions, references, idempotency, pages.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

using MessagePtr = std::unique_ptr<google::protobuf::Message>;

// What every write may ask for.
struct WriteOptions {
  Author author;
  // Serialised request, to tell a repeat from another request of the same id.
  std::string payload;
  bool validate_only = false;
  bool allow_missing = false;
  std::string etag;
};

struct PageRequest {
  Kind kind = Kind::kMineral;
  // Names begin with it: the container of a facility.
  std::string prefix;
  int page_size = 0;
  std::string page_token;
  int64_t min_revision = 0;
};

struct Page {
  // With metadata.
  std::vector<v1::Entry> entries;
  std::string next_page_token;
  int64_t revision = 0;
};

// Thread-safe; blocks on storage.
class Registry {
 public:
  static constexpr int kDefaultPageSize = 100;
  static constexpr int kMaxPageSize = 1000;

  Registry(RegistryStore& store, const Clock& clock) : store_(store), clock_(clock) {}

  // OUT_OF_RANGE, reason REVISION_ABOVE_HEAD: nobody can have seen that revision.
  absl::Status CheckMinRevision(int64_t min_revision) const;
  // NOT_FOUND.
  absl::StatusOr<v1::Entry> Get(Kind kind, const std::string& name) const;
  // INVALID_ARGUMENT for a page token of another query, of another history, or tampered with.
  absl::StatusOr<Page> List(const PageRequest& request) const;

  // Each returns the stored resource. INVALID_ARGUMENT, ALREADY_EXISTS, NOT_FOUND, ABORTED (ETAG_MISMATCH),
  // FAILED_PRECONDITION (REFERENCE_NOT_FOUND, STILL_REFERENCED).
  absl::StatusOr<v1::Entry> Create(const v1::Entry& entry, const WriteOptions& options);
  absl::StatusOr<v1::Entry> Update(const v1::Entry& entry, const google::protobuf::FieldMask& mask,
                                   const WriteOptions& options);
  absl::Status Delete(Kind kind, const std::string& name, const WriteOptions& options);

  // Records the UTC date if it has not been recorded. The one way for time to enter the history.
  absl::Status CommitToday();

  type::v1::Revision RevisionOf(int64_t number) const;
  RegistryStore& store() { return store_; }

 private:
  // Runs `body` once per request_id, and rolls back if only validation is wanted. It is about to look at `touched`.
  absl::StatusOr<v1::Entry> WriteOnce(const WriteOptions& options, const std::vector<EntryKey>& touched,
                                      const std::function<absl::StatusOr<v1::Entry>(WriteTransaction&)>& body);
  v1::Entry WithMetadata(StoredEntry stored) const;
  std::string EtagOf(const StoredEntry& stored) const;

  RegistryStore& store_;
  const Clock& clock_;
};

// OK, or FAILED_PRECONDITION (REFERENCE_NOT_FOUND) naming the first field whose target does not exist. Names in
// `also_present` count as existing.
absl::Status CheckReferences(const v1::Entry& entry, WriteTransaction& transaction,
                             const std::function<bool(const std::string&)>& also_present = nullptr);

// Adds what a write of an entry looks at: the entry itself and what it refers to.
void AddTouched(Kind kind, const std::string& key, const v1::Entry& entry, std::vector<EntryKey>& touched);

}  // namespace orewatch::registry

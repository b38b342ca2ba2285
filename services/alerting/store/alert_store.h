// Where alerting keeps what it must not forget: one world, and the log of commits that made it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/alerting/domain/answer.h"
#include "services/alerting/domain/delivery.h"
#include "services/alerting/domain/world.h"
#include "services/alerting/store/delivery_store.h"

namespace orewatch::alerting {

// One commit. Numbers are dense; the token is drawn at random, so that commits of two histories of one database (one
// was restored) are told apart.
struct Version {
  int64_t number = 0;
  std::string token;

  friend bool operator==(const Version&, const Version&) = default;
};

// The version that a commit on `base` makes, with a token of its own.
Version NextAfter(const Version& base);

// The first answer to a request that carried a request_id, for the caller who repeats it.
struct AnsweredRequest {
  std::string principal;
  std::string request_id;
  // Digest of the request; another one under the same id is another request.
  std::string fingerprint;
  Answer answer;
  absl::Time time;
};

// What is the storage's own, until it is set back to an older copy: then it is another's.
struct StoreIdentity {
  // Of the sequence numbers.
  std::string lineage;
  // 32 random bytes that nobody outside gets to know: what page tokens are sealed with.
  std::string secret;
};

// Of a storage with a secret, from which its lineage follows.
StoreIdentity IdentityOf(std::string secret);

// What one transaction writes.
struct Commit {
  // What the changes were made from.
  Version base = {};
  // Of the lease, for what only its holder may do.
  std::optional<int64_t> epoch = std::nullopt;
  Changes changes = {};
  std::optional<AnsweredRequest> request = std::nullopt;
  // The default rules have been taken over, or there was no need to.
  bool defaults_loaded = false;
  // What is to be told of the changes.
  std::vector<Delivery> deliveries = {};
  Dropped dropped = {};
};

struct StoredWorld {
  Version version;
  World world;
};

// What commits have changed, without transitions.
struct Advance {
  Version version;
  Changes changes;
};

// Hears of commits as long as it lives.
class Following {
 public:
  virtual ~Following() = default;
};

// Thread-safe; every method may block. Besides what is named, each returns UNAVAILABLE while storage is busy, full or
// failing, and DATA_LOSS when it is corrupt.
class AlertStore {
 public:
  // So much is brought over by CatchUp at most.
  static constexpr int64_t kMaxAdvance = 10000;

  virtual ~AlertStore() = default;

  // What is the storage's own, the same for all who share it.
  virtual const StoreIdentity& identity() const = 0;

  // The world as the last commit left it; empty if there was none.
  virtual absl::StatusOr<StoredWorld> Load() = 0;
  // What leads from a version to the last commit, and whatever `also` names as it is now: what is not in the answer
  // does not exist. OUT_OF_RANGE (MUST_LOAD) if the version is not part of this history, or too much has changed.
  virtual absl::StatusOr<Advance> CatchUp(const Version& from, const Changes& also) = 0;
  // Writes everything or nothing; durable when it returns. ABORTED with reason LEASE_LOST if the epoch is over, or
  // STALE_STATE if the last commit is not `base`. UNAVAILABLE with reason COMMIT_UNKNOWN if it may have been written.
  virtual absl::StatusOr<Version> Write(const Commit& commit) = 0;

  // Takes the lease for the holder, or keeps it, from now until `life` later; nothing while another has it. The epoch
  // is a new one whenever the holder changes. Time is the storage's, the same for all.
  virtual absl::StatusOr<std::optional<int64_t>> TakeLease(const std::string& holder, absl::Duration life) = 0;
  // Gives it up, so that another may take it at once. Nothing happens if the epoch is over.
  virtual absl::Status GiveUpLease(int64_t epoch) = 0;

  // Calls `committed`, on a thread of its own, soon after each commit, whoever made it, and now and then without one.
  // Null if nobody else can commit.
  virtual std::unique_ptr<Following> Follow(std::function<void(const Version&)> committed) = 0;

  // Whether a commit has ever carried `defaults_loaded`.
  virtual absl::StatusOr<bool> DefaultsLoaded() = 0;
  // The answer that the caller was given under this id at or after `since`.
  virtual absl::StatusOr<std::optional<AnsweredRequest>> FindAnswer(const std::string& principal,
                                                                    const std::string& request_id,
                                                                    absl::Time since) = 0;
  // The newest entries of one alert below a sequence, at most `limit`, oldest first.
  virtual absl::StatusOr<std::vector<TimelineEntry>> Timeline(const AlertKey& key, int64_t before, int64_t limit) = 0;
  // Entries with a greater sequence, in order, at most `limit`.
  virtual absl::StatusOr<std::vector<TimelineEntry>> TransitionsAfter(int64_t sequence, int64_t limit) = 0;

  // What Commit::deliveries have become; lives as long as the store.
  virtual DeliveryStore& deliveries() = 0;
};

// For engines: the errors above.
absl::Status StaleState();
absl::Status LeaseLost();
absl::Status MustLoad();

}  // namespace orewatch::alerting

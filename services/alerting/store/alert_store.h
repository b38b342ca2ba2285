// Where alerting keeps what it must not forget.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/alerting/domain/delivery.h"
#include "services/alerting/domain/world.h"
#include "services/alerting/store/delivery_store.h"

namespace orewatch::alerting {

// The first answer to a request that carried a request_id, for the caller who repeats it.
struct AnsweredRequest {
  std::string principal;
  std::string request_id;
  // Digest of the request; another one under the same id is another request.
  std::string fingerprint;
  Rule answer;
  absl::Time time;
};

// What one transaction writes.
struct Commit {
  Changes changes;
  std::optional<AnsweredRequest> request = std::nullopt;
  // The default rules have been taken over, or there was no need to.
  bool defaults_loaded = false;
  // What is to be told of the changes.
  std::vector<Delivery> deliveries = {};
};

// Thread-safe; every method may block. Besides what is named, each returns UNAVAILABLE while storage is busy, full or
// failing, and DATA_LOSS when it is corrupt.
class AlertStore {
 public:
  virtual ~AlertStore() = default;

  // The world as the last commit left it; empty if there was none.
  virtual absl::StatusOr<World> Load() = 0;
  // Writes everything or nothing; durable when it returns. ALREADY_EXISTS if a transition's sequence was taken, which
  // means that another process has written.
  virtual absl::Status Write(const Commit& commit) = 0;

  // Whether a commit has ever carried `defaults_loaded`.
  virtual absl::StatusOr<bool> DefaultsLoaded() = 0;
  // The answer that the caller was given under this id at or after `since`.
  virtual absl::StatusOr<std::optional<AnsweredRequest>> FindAnswer(const std::string& principal,
                                                                    const std::string& request_id,
                                                                    absl::Time since) = 0;
  // The newest transitions of one alert, at most `limit`, oldest first.
  virtual absl::StatusOr<std::vector<Transition>> Timeline(const AlertKey& key, int64_t limit) = 0;
  // Transitions with a greater sequence, in order, at most `limit`.
  virtual absl::StatusOr<std::vector<Transition>> TransitionsAfter(int64_t sequence, int64_t limit) = 0;

  // What Commit::deliveries have become; lives as long as the store.
  virtual DeliveryStore& deliveries() = 0;
};

}  // namespace orewatch::alerting

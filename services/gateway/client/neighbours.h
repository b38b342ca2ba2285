// What the gateway asks of the other services. Every call returns at once and answers later; no thread waits.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "orewatch/risk/v1/risk.pb.h"

namespace grpc {
class Channel;
}

namespace orewatch::gateway {

template <typename T>
using Done = std::function<void(absl::StatusOr<T>)>;

// Thread-safe. `done` runs once, on a thread of the transport. Lists hold all
// pages up to kMaxPages, and keep a next_page_token if there were more.
class Neighbours {
 public:
  // More than any list of ours; a neighbour that pages on for ever must not keep us.
  static constexpr int kMaxPages = 50;

  struct Channels {
    std::shared_ptr<grpc::Channel> registry;
    std::shared_ptr<grpc::Channel> risk;
    std::shared_ptr<grpc::Channel> alerting;
  };

  // By when an answer must come, and which registry revision it must reflect at least.
  struct Terms {
    absl::Time deadline;
    int64_t min_revision = 0;
  };

  Neighbours();
  ~Neighbours();

  // Until then every call is answered UNAVAILABLE: a process may serve before it knows its neighbours.
  void Connect(const Channels& channels);

  void GetMineral(const std::string& name, const Terms& terms, Done<registry::v1::Mineral> done);
  // `countries/{country}` or `blocs/{bloc}`; gives back the name.
  void FindImporter(const std::string& name, const Terms& terms, Done<std::string> done);
  void ListMinerals(const Terms& terms, Done<registry::v1::ListMineralsResponse> done);
  // Unset fields of the filter match all.
  void ListScores(const risk::v1::ScoreKey& filter, const Terms& terms, Done<risk::v1::ListScoresResponse> done);
  void ListAlerts(alerting::v1::ListAlertsRequest filter, const Terms& terms,
                  Done<alerting::v1::ListAlertsResponse> done);

 private:
  struct Stubs;
  std::shared_ptr<Stubs> stubs() const;

  mutable absl::Mutex mutex_;
  // Shared with the calls under way.
  std::shared_ptr<Stubs> stubs_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orewatch::gateway

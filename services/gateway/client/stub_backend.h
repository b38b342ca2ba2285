// The call itself: as the caller, within the deadline.
#pragma once

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/time/clock.h"
#include "services/gateway/client/backend.h"
#include "services/gateway/client/neighbour_errors.h"

namespace grpc {
class Channel;
}

namespace orewatch::gateway {

// UNAVAILABLE, reason NOT_CONNECTED, until it has a channel: a process may serve before it knows its neighbours.
class StubBackend final : public Backend {
 public:
  StubBackend(const std::string& neighbour, const Clock& clock);
  ~StubBackend() override;
  void Connect(const std::shared_ptr<grpc::Channel>& channel);
  void Ask(const QuestionPtr& question, Answered answered) override;

 private:
  class Stub;
  std::shared_ptr<Stub> stub() const;

  const NeighbourErrors errors_;
  mutable absl::Mutex mutex_;
  // Shared with the calls under way.
  std::shared_ptr<Stub> stub_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orewatch::gateway

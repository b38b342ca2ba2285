// PastSource over the services that remember.
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "grpcpp/channel.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "orewatch/risk/v1/risk.grpc.pb.h"
#include "services/alerting/api/past_source.h"

namespace orewatch::alerting {

// Asks risk which scores a rule matches, and of each what it has been up to the revision of that answer, a few at a
// time; and the registry for its history. Thread-safe.
class PastReader final : public PastSource {
 public:
  // `registry` is null where none is followed.
  PastReader(const std::shared_ptr<grpc::Channel>& risk, const std::shared_ptr<grpc::Channel>& registry)
      : risk_(risk::v1::Risk::NewStub(risk)),
        registry_(registry != nullptr ? registry::v1::Registry::NewStub(registry) : nullptr) {}
  absl::StatusOr<PastScores> ReadScores(const PastQuestion& question) override;
  absl::StatusOr<PastFacts> ReadFacts(const PastQuestion& question) override;

 private:
  absl::Status FindScores(const PastQuestion& question, PastScores& past) const;
  absl::Status FindScores(const PastQuestion& question, const risk::v1::ScoreKey& common, std::set<ScoreKey>& keys,
                          Revision& revision) const;
  // The oldest first, up to the first that is not needed.
  absl::StatusOr<std::vector<PastScore>> ReadHistory(const PastQuestion& question, const PastScores& past,
                                                     uint32_t key) const;
  absl::Status ReadHistories(const PastQuestion& question, PastScores& past) const;

  const std::unique_ptr<risk::v1::Risk::Stub> risk_;
  const std::unique_ptr<registry::v1::Registry::Stub> registry_;
};

}  // namespace orewatch::alerting

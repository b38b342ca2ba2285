// Gathers the messages of the registry's streams into whole revisions.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/status/statusor.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "services/alerting/domain/fact.h"

namespace orewatch::alerting {

// Lives as long as one stream, of Watch or of Export. Thread-compatible. Things of which there is nothing to know, and
// of which nothing was known, are left out.
class FactStager {
 public:
  // Whether something is known of a thing. Asked while messages are received.
  using Knows = std::function<bool(const std::string& resource)>;

  // `after`: number of the last revision that has been applied.
  FactStager(int64_t after, Knows knows) : reached_(after), knows_(std::move(knows)) {}

  // The batch that this chunk completes, if it does: of each revision that the stream tells of one, often with nothing
  // but how far the registry has come. DATA_LOSS if the chunk does not follow on those before.
  absl::StatusOr<std::optional<FactBatch>> Receive(const registry::v1::ChangeSet& chunk);

  // The same of everything that there is: the batch is complete.
  std::optional<FactBatch> Receive(const registry::v1::ExportResponse& chunk);

 private:
  // Without a fact: the thing is gone.
  void Stage(const std::string& resource, std::optional<Fact> fact);
  // Hands out what is staged, with where the last message of the stream says that it stands.
  template <typename Message>
  FactBatch Close(const Message& last);

  int64_t reached_;
  const Knows knows_;
  // Of which a part has been received; 0: none.
  int64_t open_ = 0;
  absl::btree_map<std::string, std::optional<Fact>> staged_;
};

}  // namespace orewatch::alerting

// What has happened in the registry, from its own history.
#pragma once

#include "absl/status/statusor.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "services/alerting/api/past_source.h"

namespace orewatch::alerting {

// From the first revision up to the head as it is when it begins, in the name of who asks: what he may not read is not
// there, and what he may read from some revision on comes then. Where the registry has compacted its beginning: from
// the oldest revision that it keeps, with what stands there as of things that were there before anybody looked. As
// PastSource::ReadFacts.
absl::StatusOr<PastFacts> ReadPastFacts(registry::v1::Registry::StubInterface& registry, const PastQuestion& question);

}  // namespace orewatch::alerting

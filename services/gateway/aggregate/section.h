// How one neighbour's part of an answer came out.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "orewatch/gateway/v1/gateway.pb.h"

namespace orewatch::gateway {

// FRESH for OK, DENIED for UNAUTHENTICATED and PERMISSION_DENIED, else UNAVAILABLE with the neighbour's own error.
gateway::v1::SectionStatus SectionOf(const absl::Status& status);

// The same, with the revision that the answer reflects.
template <typename Response>
gateway::v1::SectionStatus SectionOf(const absl::StatusOr<Response>& answer) {
  gateway::v1::SectionStatus section = SectionOf(answer.status());
  if (answer.ok()) {
    *section.mutable_revision() = answer->revision();
  }
  return section;
}

// UNAVAILABLE, for when no section came.
absl::Status NothingReached(const absl::Status& example);

}  // namespace orewatch::gateway

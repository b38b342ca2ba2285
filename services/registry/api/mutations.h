// What ApplyChanges and the methods for statistics ask for, as the engine takes it.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "services/registry/engine/mutation.h"

namespace orewatch::registry {

// INVALID_ARGUMENT naming each mutation without an operation, or without the entry or name that its operation needs.
absl::StatusOr<std::vector<Mutation>> MutationsOf(const v1::ApplyChangesRequest& request);
// The deletion of the statistic with these key fields. INVALID_ARGUMENT blaming `statistic` if its series is not set,
// and each of its values that no statistic can have.
absl::StatusOr<Mutation> StatisticMutation(const v1::Statistic& statistic);

}  // namespace orewatch::registry

// Reads the change feed of the registry in whole sets.
#pragma once

#include "absl/status/statusor.h"
#include "grpcpp/grpcpp.h"
#include "tests/chaos/history.h"
#include "tests/testing/clients.h"

namespace orewatch::testing {

// The next set, its chunks put together; nothing when the stream has ended, also in the middle of a set.
bool ReadSet(grpc::ClientReader<registry::v1::ChangeSet>& reader, registry::v1::ChangeSet& set);

// From the first revision to the head.
absl::StatusOr<History> ReadHistory(RegistryStub& registry);

}  // namespace orewatch::testing

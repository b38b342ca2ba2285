// What the registry says about an entry beside what it holds.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

// How long a deleted resource can be undeleted.
inline constexpr absl::Duration kDeletedKept = absl::Hours(24 * 30);

// Differs for every version of a resource.
std::string EtagOf(const std::string& lineage, int64_t from_revision);
// Sets the metadata of a message as it is stored; a statistic has none.
void SetMetadata(const std::string& lineage, const StoredEntry& stored, google::protobuf::Message& message);
// The entry with its metadata.
v1::Entry WithMetadata(const std::string& lineage, StoredEntry stored);

// NOT_FOUND, for what is not there and for what the caller may not see.
absl::Status NoSuchEntry(const std::string& key);

}  // namespace orewatch::registry

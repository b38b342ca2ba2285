// Who sees an entry that is stored.
#pragma once

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

// How to find what is stored now, deleted or not.
using FindEntry = absl::FunctionRef<absl::StatusOr<std::optional<StoredEntry>>(const EntryKey&)>;

// What contains an entry that has no visibility of its own; nothing if it has, or nothing contains it.
std::optional<EntryKey> SharedSightOf(const v1::Entry& entry);

// The entry as a caller sees it; nothing if it is for him as if it did not exist. The visibility that is stored decides
// (domain/visibility.h). What is deleted has kept that of its last day, so that where it shares its container's, that
// of the container as it is now decides, and is shown.
absl::StatusOr<std::optional<StoredEntry>> SeenBy(const std::string& principal, StoredEntry stored, FindEntry find);

}  // namespace orewatch::registry

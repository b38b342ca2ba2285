// All four services in one process, on embedded storage.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/app/process.h"

namespace orewatch::suite {

// From its flags. INVALID_ARGUMENT that names one, and whatever the services return that are made.
absl::StatusOr<std::unique_ptr<app::Application>> MakeSuite(const app::Environment& environment);

// Brings the tables of all three databases up to date; a line on each.
absl::StatusOr<std::vector<std::string>> MigrateSuite();

}  // namespace orewatch::suite

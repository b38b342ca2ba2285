// --migrate, for binaries that keep something in a database.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/app/process.h"

namespace orewatch::app {

// Brings the tables up to date as the flags say where they are; a line on each database.
using Migrate = std::function<absl::StatusOr<std::vector<std::string>>()>;

// What ProcessDefaults want: migrates instead of serving if --migrate asks for it.
Errand MigrateIfAsked(Migrate migrate);

}  // namespace orewatch::app

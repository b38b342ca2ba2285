// The alerting service as a process: its flags, and what it is made of.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/app/migration.h"
#include "common/app/process.h"
#include "services/alerting/alerting_app.h"

namespace orewatch::alerting {

// Brings the tables up to date, as its flags say where they are; a line on what that took.
absl::StatusOr<std::vector<std::string>> MigrateAlerting();

inline const app::ProcessDefaults kAlertingDefaults = {"orewatch-alerting", 7103, 9103,
                                                       app::MigrateIfAsked(MigrateAlerting)};

// From its flags. INVALID_ARGUMENT that names one, and whatever AlertingApp::Create returns.
absl::StatusOr<std::unique_ptr<app::Application>> MakeAlerting(const app::Environment& environment,
                                                               const AlertingSeams& seams = {});

}  // namespace orewatch::alerting

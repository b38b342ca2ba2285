// The alerting service as a process: its flags, and what it is made of.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/app/process.h"
#include "services/alerting/alerting_app.h"

namespace orewatch::alerting {

inline const app::ProcessDefaults kAlertingDefaults = {"orewatch-alerting", 7103, 9103};

// From its flags. INVALID_ARGUMENT that names one, and whatever AlertingApp::Create returns.
absl::StatusOr<std::unique_ptr<app::Application>> MakeAlerting(const app::Environment& environment,
                                                               const AlertingSeams& seams = {});

}  // namespace orewatch::alerting

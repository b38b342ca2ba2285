// Subjects and keys as people type them.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/ctl/cli/session.h"

namespace orewatch::ctl {

// `minerals/cobalt` from `cobalt`, `countries/CN` from `CN`; a full name stays.
std::string SubjectName(absl::string_view word);

// `countries/JP` from `JP` or `JPN`, else a bloc: `blocs/EU` from `EU`; a full name and an empty word stay.
std::string ImporterName(absl::string_view word);

// The state that --state names; unspecified, which matches all, for `all` and where it was not given. Usage errors.
absl::StatusOr<alerting::v1::AlertState> StateOf(const Options& options);

// As --method.
inline constexpr char kEveryMethod[] = "all";

// The key that --stage, --importer and --method describe; what was not given stays unset. Usage errors.
absl::StatusOr<risk::v1::ScoreKey> KeyOf(absl::string_view subject, const Options& options);

}  // namespace orewatch::ctl

// The rules that a new installation starts with.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/alerting/domain/rule.h"

namespace orewatch::alerting {

// Reads a RuleSet in text format. NOT_FOUND if the file cannot be read; INVALID_ARGUMENT that names the file and the
// first thing that is wrong with it.
absl::StatusOr<std::vector<Rule>> ReadRuleSet(const std::string& path);

}  // namespace orewatch::alerting

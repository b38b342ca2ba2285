// What a rule must be like to be stored.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/alerting/domain/rule.h"

namespace orewatch::alerting {

// Everything that is wrong with the fields of a rule except its id; empty if it may be stored.
std::vector<Violation> Check(const Rule& rule);

// What is wrong if a rule took its place among others: rules would mute each other in a circle, so that nobody is told
// of any. Nothing, if all is well.
std::optional<Violation> CheckAmong(const std::map<std::string, Rule>& rules, const Rule& rule);

}  // namespace orewatch::alerting

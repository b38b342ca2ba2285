// What people ask an engine to do with rules and alerts.
#pragma once

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "services/alerting/domain/action.h"
#include "services/alerting/domain/rule.h"

namespace orewatch::alerting {

// A change of one rule.
struct RuleEdit {
  std::string id;
  // Empty: whatever it is now.
  std::string etag;
  // Create the rule if it does not exist.
  bool allow_missing = false;
  bool validate_only = false;
  // Makes the new rule of the current one, or of none. Its error is the answer.
  absl::FunctionRef<absl::StatusOr<Rule>(const Rule* current)> change;
  // Who asks.
  std::string principal = {};
};

// A deletion of one rule.
struct RuleDeletion {
  std::string id;
  // Empty: whatever it is now.
  std::string etag;
  // Succeed if there is no such rule.
  bool allow_missing = false;
  bool validate_only = false;
  // Who asks.
  std::string principal = {};
};

// What somebody does with one alert.
struct AlertAction {
  std::string id;
  // Empty: whatever it is now.
  std::string etag;
  bool validate_only = false;
  Action action;
};

// Under which id a caller sent a request.
struct RequestKey {
  std::string principal;
  std::string request_id;
  std::string fingerprint;
};

}  // namespace orewatch::alerting

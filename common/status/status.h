// Errors as callers see them: a canonical code, one sentence, and google.rpc details that a program can act upon.
// The details travel as payloads of absl::Status, so any layer may make them; common/rpc puts them on the wire.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace orewatch {

inline constexpr char kErrorDomain[] = "orewatch";

using ErrorMetadata = std::vector<std::pair<std::string, std::string>>;

// A status with google.rpc.ErrorInfo. `reason` is UPPER_SNAKE_CASE and stable; `message` is for people.
absl::Status MakeError(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                       const ErrorMetadata& metadata = {});

// The same error with a longer message and further metadata.
absl::Status WithContext(const absl::Status& status, absl::string_view prefix, const ErrorMetadata& metadata);

// RESOURCE_EXHAUSTED with ErrorInfo and RetryInfo.
absl::Status OverloadError(absl::string_view reason, absl::string_view message, absl::Duration retry_after);

// INVALID_ARGUMENT with reason INVALID_FIELD and a BadRequest that names one field.
absl::Status InvalidField(absl::string_view field, absl::string_view description);

// Collects the offending fields of a request, of which it keeps as many as an error can tell and one more.
class FieldViolations {
 public:
  void Add(absl::string_view field, absl::string_view description);
  // Adds the violations of a status made by this class or InvalidField, each field prefixed with `prefix` (`a.`); an
  // empty one becomes the prefix itself (`a`).
  void AddAll(absl::string_view prefix, const absl::Status& status);
  bool empty() const { return violations_.empty(); }
  // Nothing more would be told.
  bool full() const;
  const std::vector<std::pair<std::string, std::string>>& violations() const { return violations_; }
  // OK if nothing was added, else INVALID_ARGUMENT with reason INVALID_FIELD.
  absl::Status ToStatus() const;

 private:
  std::vector<std::pair<std::string, std::string>> violations_;
};

// As the service that answered calls the request (google.rpc.RequestInfo); empty: it does not say.
std::string RequestIdOf(const absl::Status& status);

// The ErrorInfo reason of a status; empty if it has none.
std::string ErrorReason(const absl::Status& status);

// (field, description) of each violation in the BadRequest of a status; empty if it has none.
std::vector<std::pair<std::string, std::string>> ViolationsOf(const absl::Status& status);

}  // namespace orewatch

// Returns from the enclosing function if `expr` is not OK.
#define OREWATCH_RETURN_IF_ERROR(expr)                                  \
  do {                                                                  \
    if (absl::Status orewatch_status = (expr); !orewatch_status.ok()) { \
      return orewatch_status;                                           \
    }                                                                   \
  } while (false)

#define OREWATCH_CONCAT_INNER(a, b) a##b
#define OREWATCH_CONCAT(a, b) OREWATCH_CONCAT_INNER(a, b)

// Assigns the value of a StatusOr or returns its status.
#define OREWATCH_ASSIGN_OR_RETURN(lhs, expr) \
  OREWATCH_ASSIGN_OR_RETURN_INNER(OREWATCH_CONCAT(orewatch_or_, __LINE__), lhs, expr)
#define OREWATCH_ASSIGN_OR_RETURN_INNER(holder, lhs, expr) \
  auto holder = (expr);                                    \
  if (!holder.ok()) {                                      \
    return std::move(holder).status();                     \
  }                                                        \
  lhs = *std::move(holder)

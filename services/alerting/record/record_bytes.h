// What alerting stores, as bytes, the same in every engine: messages of state.proto, and rules as callers see them. A
// field that is added needs no migration.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/alerting/domain/answer.h"
#include "services/alerting/domain/delivery.h"
#include "services/alerting/domain/world.h"

namespace orewatch::alerting {

// Never empty.
std::string BytesOf(const Rule& rule);
std::string BytesOf(const ScoreValue& score);
std::string BytesOf(const Fact& fact);
std::string BytesOf(const Alert& alert);
std::string BytesOf(const Transition& transition);
std::string BytesOf(const Answer& answer);
// What no column holds. Empty at first.
std::string BytesOf(const Delivery& delivery);
// Empty at first.
std::string BytesOf(const WorldPosition& position);

// DATA_LOSS if BytesOf has not made them.
absl::StatusOr<Rule> RuleOf(absl::string_view bytes);
absl::StatusOr<ScoreValue> ScoreOf(absl::string_view bytes);
absl::StatusOr<Fact> FactOf(absl::string_view bytes);
absl::StatusOr<Alert> AlertOf(absl::string_view bytes);
absl::StatusOr<Transition> TransitionOf(absl::string_view bytes);
absl::StatusOr<Answer> AnswerOf(absl::string_view bytes);
// The fields that columns hold are not set.
absl::StatusOr<Delivery> DeliveryOf(absl::string_view bytes);
absl::StatusOr<WorldPosition> PositionOf(absl::string_view bytes);

}  // namespace orewatch::alerting

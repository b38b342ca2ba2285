#include "services/alerting/feed/score_conversion.h"

#include <cmath>
#include <optional>

#include "services/alerting/record/score_message.h"

namespace orewatch::alerting {
namespace {

// What is no number is unknown.
std::optional<double> Finite(double number) { return std::isfinite(number) ? std::optional(number) : std::nullopt; }

}  // namespace

ScoreValue FromProto(const risk::v1::Score& score) {
  ScoreValue value{.key = FromProto(score.key()),
                   .revision = score.changed_revision().number(),
                   .band = score.band(),
                   .cause = score.change_cause(),
                   .top_country = score.top_country()};
  value.certainty.completeness = score.completeness().state();
  value.certainty.reasons.assign(score.completeness().reasons().begin(), score.completeness().reasons().end());
  if (!score.has_value() || score.completeness().state() == type::v1::Completeness::STATE_UNSET) {
    return value;
  }
  value.value = Finite(score.value());
  if (value.value.has_value() && score.has_bounds()) {
    value.certainty.lower = Finite(score.bounds().lower());
    value.certainty.upper = score.bounds().has_upper() ? Finite(score.bounds().upper()) : std::nullopt;
  }
  return value;
}

}  // namespace orewatch::alerting

#include "services/alerting/record/score_message.h"

#include "services/alerting/record/optional_value.h"

namespace orewatch::alerting {

void ToProto(const ScoreKey& key, risk::v1::ScoreKey& out) {
  out.set_subject(key.subject);
  out.set_stage(static_cast<type::v1::Stage>(key.stage));
  out.set_importer(key.importer);
  out.set_method(static_cast<risk::v1::Method>(key.method));
}

ScoreKey FromProto(const risk::v1::ScoreKey& key) {
  return {.subject = key.subject(), .stage = key.stage(), .importer = key.importer(), .method = key.method()};
}

void ToProto(const Revision& revision, type::v1::Revision& out) {
  out.set_lineage(revision.lineage);
  out.set_number(revision.number);
}

Revision FromProto(const type::v1::Revision& revision) {
  return {.lineage = revision.lineage(), .number = revision.number()};
}

void ToRecord(const Certainty& certainty, record::Certainty& out) {
  if (certainty.lower.has_value()) {
    out.set_lower(*certainty.lower);
  }
  if (certainty.upper.has_value()) {
    out.set_upper(*certainty.upper);
  }
  out.set_completeness(certainty.completeness);
  out.mutable_reasons()->Assign(certainty.reasons.begin(), certainty.reasons.end());
}

Certainty FromRecord(const record::Certainty& certainty) {
  return {.lower = certainty.has_lower() ? std::optional(certainty.lower()) : std::nullopt,
          .upper = certainty.has_upper() ? std::optional(certainty.upper()) : std::nullopt,
          .completeness = certainty.completeness(),
          .reasons = {certainty.reasons().begin(), certainty.reasons().end()}};
}

void ToRecord(const ScoreValue& score, record::Score& out) {
  ToProto(score.key, *out.mutable_key());
  if (score.value.has_value()) {
    out.set_value(*score.value);
  }
  ToRecord(score.certainty, *out.mutable_certainty());
  out.set_revision(score.revision);
}

ScoreValue FromRecord(const record::Score& score) {
  return {.key = FromProto(score.key()),
          .value = ValueOf(score),
          .certainty = FromRecord(score.certainty()),
          .revision = score.revision()};
}

}  // namespace orewatch::alerting

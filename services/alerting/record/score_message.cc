#include "services/alerting/record/score_message.h"

#include <vector>

#include "services/alerting/record/optional_value.h"

namespace orewatch::alerting {
namespace {

void ToRecord(const PastState& past, record::PastState& out) {
  out.set_since(past.since);
  if (past.state.value.has_value()) {
    out.set_value(*past.state.value);
  }
  if (past.state.lower.has_value()) {
    out.set_lower(*past.state.lower);
  }
  if (past.state.upper.has_value()) {
    out.set_upper(*past.state.upper);
  }
  out.set_band(past.state.band);
}

std::vector<PastState> PastOf(const record::Score& score) {
  std::vector<PastState> past;
  past.reserve(static_cast<size_t>(score.past_size()));
  for (const record::PastState& state : score.past()) {
    past.push_back(
        {.since = state.since(),
         .state = {.value = ValueOf(state), .lower = LowerOf(state), .upper = UpperOf(state), .band = state.band()}});
  }
  return past;
}

}  // namespace

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
  return {.lower = LowerOf(certainty),
          .upper = UpperOf(certainty),
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
  out.set_band(score.band);
  out.set_cause(score.cause);
  out.set_top_country(score.top_country);
  out.set_since(score.since);
  for (const PastState& past : score.past) {
    ToRecord(past, *out.add_past());
  }
  out.set_first_seen(score.first_seen);
}

ScoreValue FromRecord(const record::Score& score) {
  return {.key = FromProto(score.key()),
          .value = ValueOf(score),
          .certainty = FromRecord(score.certainty()),
          .revision = score.revision(),
          .band = score.band(),
          .cause = score.cause(),
          .top_country = score.top_country(),
          .since = score.since(),
          .past = PastOf(score),
          .first_seen = score.first_seen()};
}

}  // namespace orewatch::alerting

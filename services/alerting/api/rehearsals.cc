#include "services/alerting/api/rehearsals.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/proto_time.h"
#include "common/time/steady.h"
#include "services/alerting/api/converters.h"
#include "services/alerting/api/rule_requests.h"
#include "services/alerting/domain/rehearsal.h"

namespace orewatch::alerting {
namespace {

constexpr absl::Duration kDefaultPeriod = absl::Hours(24 * 90);
constexpr absl::Duration kMaxPeriod = absl::Hours(24 * 366 * 3);
constexpr size_t kMaxListed = 1000;
// However long a caller would wait.
constexpr absl::Duration kPatience = absl::Minutes(5);

bool IsNamed(const v1::TestRuleRequest& request) { return request.has_name() || !request.rule().name().empty(); }

absl::StatusOr<Rule> RuleOf(const v1::TestRuleRequest& request, const std::string& principal,
                            const AlertEngine& engine) {
  switch (request.subject_case()) {
    case v1::TestRuleRequest::kName:
      return FindVisibleRule("name", request.name(), principal, engine);
    case v1::TestRuleRequest::kRule: {
      std::string id = "unnamed";
      if (IsNamed(request)) {
        OREWATCH_ASSIGN_OR_RETURN(id, ParseRuleName("rule.name", request.rule().name()));
      }
      return FromProto(id, request.rule());
    }
    case v1::TestRuleRequest::SUBJECT_NOT_SET:
      break;
  }
  return InvalidField("rule", "must be set, or name");
}

absl::StatusOr<Period> PeriodOf(const v1::TestRuleRequest& request, absl::Time now) {
  const absl::Time end = request.has_end_time() ? orewatch::FromProto(request.end_time()) : now;
  const absl::Time start = request.has_start_time() ? orewatch::FromProto(request.start_time()) : end - kDefaultPeriod;
  FieldViolations violations;
  if (end > now) {
    violations.Add("end_time", "must not lie in the future");
  }
  if (start >= end) {
    violations.Add("start_time", "must lie before end_time");
  } else if (end - start > kMaxPeriod) {
    violations.Add("start_time", "must lie at most three years before end_time");
  }
  OREWATCH_RETURN_IF_ERROR(violations.ToStatus());
  return Period{start, end};
}

absl::Status CheckHasHistory(const Rule& rule) {
  return IsSilence(rule.condition)
             ? MakeError(absl::StatusCode::kFailedPrecondition, "NO_HISTORY_OF_SILENCE",
                         "nobody remembers when nothing came from risk, so a rule over silent input cannot be tested")
             : absl::OkStatus();
}

// What both know, as of the revision that both know.
absl::Status Align(Past& past) {
  const Revision known = past.scores.revision;
  if (known.lineage != past.facts.revision.lineage) {
    return MakeError(absl::StatusCode::kAborted, "LINEAGE_CHANGED",
                     "the registry was restored while its history was read; ask again");
  }
  std::erase_if(past.facts.batches,
                [&](const FactBatch& batch) { return batch.position.revision.number > known.number; });
  past.facts.revision.number = std::min(past.facts.revision.number, known.number);
  return absl::OkStatus();
}

absl::StatusOr<Past> ReadPast(const PastQuestion& question, PastSource& source) {
  const bool scores = LooksAtScores(question.rule.condition);
  const bool facts = !HappeningsOf(question.rule.condition).empty();
  Past past;
  if (scores) {
    OREWATCH_ASSIGN_OR_RETURN(past.scores, source.ReadScores(question));
  }
  if (facts) {
    OREWATCH_ASSIGN_OR_RETURN(past.facts, source.ReadFacts(question));
  }
  if (scores && facts) {
    OREWATCH_RETURN_IF_ERROR(Align(past));
  }
  return past;
}

absl::Status GaveUp(const rpc::CallContext& context) {
  return context.cancelled() ? absl::CancelledError("the caller has gone away")
                             : MakeError(absl::StatusCode::kDeadlineExceeded, "REHEARSAL_TOO_LONG",
                                         "there was no time to evaluate so much; ask for less, or wait longer");
}

v1::TestedFiring ToProto(const Firing& firing, bool named) {
  v1::TestedFiring out;
  if (named) {
    out.set_alert(AlertName(Alert{.key = firing.key}.Id()));
  }
  if (firing.key.score != ScoreKey()) {
    ToProto(firing.key.score, *out.mutable_subject());
  }
  *out.mutable_fire_time() = orewatch::ToProto(firing.fire_time);
  if (firing.resolve_time.has_value()) {
    *out.mutable_resolve_time() = orewatch::ToProto(*firing.resolve_time);
    out.set_resolve_reason(ReasonName(firing.resolve_reason));
  }
  out.set_severity(static_cast<v1::Severity>(firing.worst));
  if (firing.value.has_value()) {
    out.set_value(*firing.value);
  }
  out.set_reason(ReasonName(firing.reason));
  out.set_notified(firing.told);
  return out;
}

v1::TestRuleResponse ToProto(const Firings& firings, bool named) {
  v1::TestRuleResponse out;
  out.set_firing_count(firings.fired);
  out.set_notified_count(firings.told);
  out.set_standing_count(firings.standing);
  out.set_notification_count(firings.notifications);
  *out.mutable_firing_duration() = orewatch::ToProto(firings.duration);
  for (const Firing& firing : firings.newest) {
    *out.add_firings() = ToProto(firing, named);
  }
  return out;
}

// Where both are known.
std::optional<HistoryBegin> BeginOf(const Past& past) {
  const auto& scores = past.scores.begins;
  const auto& facts = past.facts.begins;
  return !scores.has_value() || (facts.has_value() && facts->commit_time > scores->commit_time) ? facts : scores;
}

void Describe(const Past& past, bool of_scores, const Period& period, v1::TestRuleResponse& out) {
  out.set_score_count(static_cast<int64_t>(past.scores.keys.size()));
  out.set_thing_count(past.facts.thing_count);
  if (const auto begins = BeginOf(past); begins.has_value() && begins->commit_time > period.start) {
    ToProto(begins->revision, *out.mutable_history_begins()->mutable_revision());
    *out.mutable_history_begins()->mutable_commit_time() = orewatch::ToProto(begins->commit_time);
  }
  ToProto(of_scores ? past.scores.revision : past.facts.revision, *out.mutable_revision());
  *out.mutable_start_time() = orewatch::ToProto(period.start);
  *out.mutable_end_time() = orewatch::ToProto(period.end);
}

}  // namespace

absl::StatusOr<v1::TestRuleResponse> TestRule(const v1::TestRuleRequest& request, const rpc::CallContext& context,
                                              const AlertEngine& engine, PastSource* past) {
  OREWATCH_ASSIGN_OR_RETURN(Rule rule, RuleOf(request, context.principal(), engine));
  OREWATCH_ASSIGN_OR_RETURN(const Period period, PeriodOf(request, engine.clock().Now()));
  OREWATCH_RETURN_IF_ERROR(CheckHasHistory(rule));
  if (past == nullptr) {
    return MakeError(absl::StatusCode::kUnavailable, "NO_HISTORY_YET", "nobody is known who remembers what was");
  }
  // Whether it is switched on now says nothing about what it would have done.
  rule.disabled = false;
  const absl::Time deadline = std::min(context.deadline(), SteadyNow() + kPatience);
  OREWATCH_ASSIGN_OR_RETURN(const Past known, ReadPast({.rule = rule,
                                                        .end = period.end,
                                                        .caller = context.caller(),
                                                        .deadline = deadline,
                                                        .cancelled = [&] { return context.cancelled(); }},
                                                       *past));
  const std::optional<Firings> firings =
      Rehearse(rule, known, period, kMaxListed, [&] { return !context.cancelled() && SteadyNow() < deadline; });
  if (!firings.has_value()) {
    return GaveUp(context);
  }
  v1::TestRuleResponse response = ToProto(*firings, IsNamed(request));
  Describe(known, LooksAtScores(rule.condition), period, response);
  return response;
}

}  // namespace orewatch::alerting

#include "services/alerting/deliver/describe.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"
#include "google/protobuf/util/json_util.h"
#include "services/alerting/api/converters.h"

namespace orewatch::alerting {
namespace {

// Alertmanager is told of what everybody may see.
constexpr char kEverybody[] = "";

// `STAGE_REFINE` as `refine`.
template <typename Name>
std::string Lower(const Name& name, absl::string_view prefix) {
  return absl::AsciiStrToLower(absl::StripPrefix(name, prefix));
}

// What identifies the alert, and what its rule adds.
std::map<std::string, std::string> LabelsOf(const v1::Alert& alert, const AlertKey& key) {
  std::map<std::string, std::string> labels = {alert.labels().begin(), alert.labels().end()};
  labels["alertname"] = key.rule;
  labels["rule"] = alert.rule();
  labels[kAudienceLabel] = alert.audience() == v1::AUDIENCE_PLATFORM ? "platform" : "risk";
  labels["subject"] = key.score.subject;
  labels["importer"] = key.score.importer;
  if (key.score.method != 0) {
    labels["method"] = Lower(risk::v1::Method_Name(key.score.method), "METHOD_");
  }
  if (key.score.stage != 0) {
    labels["stage"] = Lower(type::v1::Stage_Name(key.score.stage), "STAGE_");
  }
  absl::string_view subject = key.score.subject;
  if (absl::ConsumePrefix(&subject, "minerals/")) {
    labels["mineral"] = std::string(subject);
  } else if (absl::ConsumePrefix(&subject, "countries/")) {
    labels["country"] = std::string(subject);
  }
  return labels;
}

// What may change while it fires.
std::map<std::string, std::string> AnnotationsOf(const v1::Alert& alert, const std::optional<Rule>& rule) {
  std::map<std::string, std::string> annotations = {alert.annotations().begin(), alert.annotations().end()};
  annotations["summary"] = alert.summary();
  if (rule.has_value()) {
    annotations.try_emplace("description", rule->reason);
  }
  if (alert.has_acknowledgement()) {
    annotations["acknowledged_by"] = alert.acknowledgement().principal();
  }
  return annotations;
}

// Alertmanager drops what is empty.
void DropEmpty(std::map<std::string, std::string>& map) {
  std::erase_if(map, [](const auto& entry) { return entry.second.empty(); });
}

const char* KindOf(const TimelineEntry& entry) {
  if (entry.kind == EntryKind::kFlappingBegan) {
    return "changed";
  }
  if (entry.after.state != AlertState::kFiring) {
    return "resolved";
  }
  const bool news = entry.ChangesState() || entry.kind == EntryKind::kUnmuted || entry.kind == EntryKind::kDigest;
  return news ? "fired" : "changed";
}

}  // namespace

FiringAlert Describe(const RuledAlert& ruled, const Position& position) {
  const Alert& alert = ruled.alert;
  const v1::Alert message = ToProto(ruled, position);
  FiringAlert out;
  out.alert_id = alert.Id();
  out.labels = LabelsOf(message, alert.key);
  out.annotations = AnnotationsOf(message, ruled.rule);
  DropEmpty(out.labels);
  DropEmpty(out.annotations);
  out.fire_time = alert.fire_time.value_or(absl::UnixEpoch());
  // Others go by what they were told: a flapping alert has not ended for them while it is up and down.
  const Told told =
      alert.told.value_or(Told{.sequence = alert.sequence, .time = out.fire_time, .worst = alert.severity});
  if (!alert.announced) {
    out.resolve_time = std::max(told.time, out.fire_time);
  }
  out.sequence = told.sequence;
  // A rise under a snooze is for later.
  out.severity = std::min(alert.severity, told.worst);
  return out;
}

AlertEvent Describe(const TimelineEntry& entry, const std::optional<Rule>& rule, const Position& position) {
  v1::WatchAlertsResponse message;
  *message.mutable_alert() = ToProto(RuledAlert{.alert = entry.after, .rule = rule}, position);
  *message.mutable_event() = ToProto(entry);
  AlertEvent event{.sequence = entry.after.sequence,
                   .alert_id = entry.after.Id(),
                   .kind = KindOf(entry),
                   .time = entry.time,
                   .data = ""};
  if (!google::protobuf::util::MessageToJsonString(message, &event.data).ok()) {
    event.data = "{}";
  }
  return event;
}

FiringSnapshot EngineAlerts::Snapshot(absl::Time ended_since) const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::pair<int64_t, RuledAlert>> changed;
  absl::flat_hash_map<int64_t, std::shared_ptr<const FiringAlert>> described;
  Position position;
  engine_.view().ForEachAnnounced(
      ended_since, kEverybody, position, [&](const Alert& alert, const Rule* rule, int64_t stamp) {
        const auto known = described_.find(stamp);
        if (known != described_.end()) {
          described.insert(*known);
        } else {
          changed.emplace_back(stamp, RuledAlert{alert, rule != nullptr ? std::optional(*rule) : std::nullopt});
        }
      });
  for (const auto& [stamp, alert] : changed) {
    described.emplace(stamp, std::make_shared<FiringAlert>(Describe(alert, position)));
  }
  described_ = std::move(described);
  FiringSnapshot snapshot;
  snapshot.reserve(described_.size());
  for (const auto& [stamp, alert] : described_) {
    snapshot.push_back(alert);
  }
  return snapshot;
}

absl::StatusOr<std::optional<AlertEvent>> EngineAlerts::Find(int64_t sequence, const std::string& principal) {
  OREWATCH_ASSIGN_OR_RETURN(const std::vector<TimelineEntry> found, engine_.store().TransitionsAfter(sequence - 1, 1));
  if (found.empty() || found[0].after.sequence != sequence) {
    return std::nullopt;
  }
  Position position;
  // Who may see it is decided by how things are now.
  const std::optional<RuledAlert> now = engine_.view().FindAlert(found[0].after.Id(), position);
  if (!(now.has_value() ? now->alert : found[0].after).VisibleTo(principal)) {
    return std::nullopt;
  }
  return Describe(found[0], now.has_value() ? now->rule : std::nullopt, position);
}

}  // namespace orewatch::alerting

#include "services/alerting/deliver/replica_sender.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/numbers.h"
#include "common/log/log.h"
#include "services/alerting/deliver/platform_alerts.h"

namespace orewatch::alerting {
namespace {

constexpr uint64_t kTold = 0;

bool Differs(const HeldAlert& held, const LabelSet& set) {
  const auto wanted = set.alert.annotations.find(kSequenceAnnotation);
  const auto has = held.annotations.find(kSequenceAnnotation);
  return wanted != set.alert.annotations.end() && (has == held.annotations.end() || has->second != wanted->second);
}

}  // namespace

void ReplicaSender::Step(absl::Time now, const TimeLeft& time_left) {
  if (now < next_attempt_) {
    return;
  }
  const bool answers = failures_ == 0 || Probe(now, time_left);
  if (answers && SendDue(now, time_left) && now >= next_reconcile_ && Reconcile(now, time_left)) {
    SendDue(now, time_left);
  }
}

bool ReplicaSender::Probe(absl::Time now, const TimeLeft& time_left) {
  const absl::Status answers = deps_.client.Probe(replica_, std::min(policy_.probe_timeout, time_left()));
  if (!answers.ok()) {
    deps_.metrics.CountRequest(answers);
    Fail(answers, now);
  }
  return answers.ok();
}

absl::Time ReplicaSender::NextTime(absl::Time now) const {
  if (failures_ > 0) {
    return next_attempt_;
  }
  absl::Time next = next_reconcile_;
  for (const auto& [key, set] : deps_.sets.sets()) {
    if (const auto accepted = AcceptedTime(key, set); accepted.has_value() && IsRepeated(set, now)) {
      next = std::min(next, *accepted + policy_.resend);
    }
  }
  return std::max(next, now);
}

std::optional<absl::Time> ReplicaSender::AcceptedTime(const std::string& key, const LabelSet& set) const {
  const auto accepted = accepted_.find(key);
  const bool current = accepted != accepted_.end() && accepted->second.version == set.version;
  return current ? std::optional(accepted->second.time) : std::nullopt;
}

bool ReplicaSender::Owes(const std::string& key, const LabelSet& set, absl::Time now) const {
  const auto accepted = accepted_.find(key);
  return !IsRefused(key, set) && accepted != accepted_.end() && accepted->second.version != set.version &&
         accepted->second.ends_at > now;
}

std::string ReplicaSender::RefusalOf(const std::string& key, const LabelSet& set) const {
  const auto refused = refused_.find(key);
  const bool current = refused != refused_.end() && refused->second.version == set.version;
  return current ? refused->second.error : set.invalid;
}

bool ReplicaSender::IsWanted(const LabelSet& set, absl::Time now) const {
  return set.firing || now < set.alert.ends_at + policy_.resolved_for;
}

bool ReplicaSender::IsRepeated(const LabelSet& set, absl::Time now) const {
  return set.firing || (IsWanted(set, now) && !deps_.sets.IsFiring(set.alert_id));
}

bool ReplicaSender::IsDue(const std::string& key, const LabelSet& set, absl::Time now) const {
  if (IsRefused(key, set)) {
    return false;
  }
  const bool wanted = IsWanted(set, now);
  const auto accepted = accepted_.find(key);
  if (accepted == accepted_.end()) {
    return wanted;
  }
  if (accepted->second.version != set.version) {
    return wanted || Owes(key, set, now);
  }
  return IsRepeated(set, now) && now >= accepted->second.time + policy_.resend;
}

bool ReplicaSender::SendDue(absl::Time now, const TimeLeft& time_left) {
  // What is news goes first; of an alert the higher severity: it inhibits the lower one.
  std::vector<std::tuple<bool, int64_t, int, const std::string*>> due;
  for (const auto& [key, set] : deps_.sets.sets()) {
    if (IsDue(key, set, now)) {
      due.emplace_back(AcceptedTime(key, set).has_value(), set.sequence, -static_cast<int>(set.severity), &key);
    }
  }
  std::sort(due.begin(), due.end());
  takes_ = false;
  for (size_t begin = 0; begin < due.size(); begin += policy_.batch) {
    Batch batch;
    for (size_t i = begin; i < std::min(begin + policy_.batch, due.size()); ++i) {
      batch.push_back(std::get<3>(due[i]));
    }
    if (!SendBatch(batch, now, time_left)) {
      return false;
    }
  }
  return true;
}

bool ReplicaSender::SendBatch(const Batch& batch, absl::Time now, const TimeLeft& time_left) {
  const absl::Status status = Post(batch, now, time_left);
  if (status.ok()) {
    return true;
  }
  if (status.code() != absl::StatusCode::kInvalidArgument) {
    Fail(status, now);
    return false;
  }
  if (!takes_ && !TakesAnything(now, time_left)) {
    Fail(status, now);
    return false;
  }
  return Divide(batch, status, now, time_left);
}

absl::Status ReplicaSender::Post(const Batch& batch, absl::Time now, const TimeLeft& time_left) {
  std::vector<PostedAlert> alerts;
  for (const std::string* key : batch) {
    const LabelSet& set = deps_.sets.sets().at(*key);
    alerts.push_back(set.alert);
    if (set.firing) {
      alerts.back().ends_at = now + set.hold;
    }
  }
  std::vector<const PostedAlert*> pointers;
  pointers.reserve(alerts.size());
  for (const PostedAlert& alert : alerts) {
    pointers.push_back(&alert);
  }
  absl::Status status = deps_.client.Post(replica_, pointers, std::min(policy_.timeout, time_left()));
  deps_.metrics.CountRequest(status);
  if (status.ok()) {
    Accept(batch, now);
  }
  return status;
}

bool ReplicaSender::TakesAnything(absl::Time now, const TimeLeft& time_left) {
  for (const std::string& key : deps_.sets.KeysOf(kWatchdogId)) {
    const LabelSet& set = deps_.sets.sets().at(key);
    if (set.firing && set.invalid.empty()) {
      return Post({&key}, now, time_left).ok();
    }
  }
  // There is nothing to try it with.
  return true;
}

bool ReplicaSender::Divide(const Batch& batch, const absl::Status& refusal, absl::Time now, const TimeLeft& time_left) {
  // The good ones were stored, but it does not say which those were.
  if (batch.size() == 1) {
    log::Error("an Alertmanager refuses an alert",
               {{"replica", replica_.name}, {"labels", *batch[0]}, {"status", refusal.ToString()}});
    refused_[*batch[0]] = {.version = deps_.sets.sets().at(*batch[0]).version, .error = std::string(refusal.message())};
    return true;
  }
  const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
  return SendBatch(Batch(batch.begin(), middle), now, time_left) &&
         SendBatch(Batch(middle, batch.end()), now, time_left);
}

void ReplicaSender::Accept(const Batch& batch, absl::Time now) {
  Succeed();
  takes_ = true;
  for (const std::string* key : batch) {
    const LabelSet& set = deps_.sets.sets().at(*key);
    accepted_[*key] = {.version = set.version, .time = now, .ends_at = set.firing ? now + set.hold : set.alert.ends_at};
  }
}

void ReplicaSender::Succeed() {
  failures_ = 0;
  error_.clear();
}

void ReplicaSender::Fail(const absl::Status& status, absl::Time now) {
  ++failures_;
  error_ = status.ToString();
  next_attempt_ = now + PauseAfter(failures_, policy_.backoff, deps_.random);
  // It may come back without memory, and of another opinion.
  refused_.clear();
  next_reconcile_ = absl::InfinitePast();
  log::Warning("an Alertmanager cannot be told", {{"replica", replica_.name}, {"status", error_}});
}

bool ReplicaSender::Reconcile(absl::Time now, const TimeLeft& time_left) {
  auto held = deps_.client.Held(replica_, deps_.sets.source(), std::min(policy_.timeout, time_left()));
  if (!held.ok()) {
    deps_.metrics.CountRequest(held.status());
    Fail(held.status(), now);
    return false;
  }
  Succeed();
  next_reconcile_ = now + policy_.resend;
  reconciled_ = true;
  std::map<std::string, HeldAlert> by_key;
  suppressed_.clear();
  for (HeldAlert& alert : *held) {
    std::string key = LabelKey(alert.labels);
    by_key.emplace(std::move(key), std::move(alert));
  }
  Compare(by_key, now);
  return true;
}

void ReplicaSender::Compare(const std::map<std::string, HeldAlert>& held, absl::Time now) {
  Differences differences;
  for (const auto& [key, alert] : held) {
    if (!deps_.sets.sets().contains(key)) {
      deps_.sets.Adopt(alert, now);
      accepted_[key] = {.version = kTold, .time = now, .ends_at = alert.ends_at};
      ++differences.extra;
    }
  }
  for (const auto& [key, set] : deps_.sets.sets()) {
    const auto found = held.find(key);
    const bool holds = found != held.end();
    if (holds && set.current && found->second.suppressed) {
      suppressed_.insert(set.alert_id);
    }
    if (IsRefused(key, set)) {
      continue;
    }
    const bool lacks = AcceptedTime(key, set).has_value() && (!holds || Differs(found->second, set));
    if (set.firing ? lacks : holds && found->second.ends_at > now) {
      accepted_[key] = {.version = kTold, .time = now, .ends_at = absl::InfiniteFuture()};
      ++(!set.firing ? differences.extra : holds ? differences.differs : differences.missing);
    }
  }
  deps_.metrics.CountDifferences(differences);
}

}  // namespace orewatch::alerting

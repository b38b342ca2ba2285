#include "services/alerting/deliver/alertmanager_sender.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "common/log/log.h"
#include "common/status/status.h"

namespace orewatch::alerting {
namespace {

constexpr int64_t kPage = 500;
constexpr absl::Duration kLookUpEvery = absl::Seconds(30);
constexpr absl::Duration kLeaseMargin = absl::Seconds(1);
// Replicas that take a change later than this are not recorded with it.
constexpr absl::Duration kSpreadsFor = absl::Minutes(5);
constexpr size_t kMaxSpreading = 10000;

void Note(const absl::Status& status) {
  if (!status.ok()) {
    log::Warning("deliveries could not be read or recorded", {{"status", status.ToString()}});
  }
}

}  // namespace

AlertmanagerSender::AlertmanagerSender(const Options& options, const Dependencies& dependencies)
    : options_(options),
      deps_(dependencies),
      random_(options.seed),
      client_(dependencies.client),
      sets_(options.label_sets),
      finder_(options.urls, dependencies.resolver) {}

absl::Time AlertmanagerSender::Step() {
  const absl::Time now = deps_.clock.Now();
  const std::optional<Lease> lease = deps_.lease();
  if (!lease.has_value() || lease->expires - now <= kLeaseMargin) {
    return now + options_.policy.backoff.first;
  }
  if (lease->epoch != epoch_) {
    BeginTerm(lease->epoch);
  }
  FindReplicas(now);
  // What a replica believes from an earlier life of ours may have ended long ago.
  const absl::Duration look_back = KnowsAll() ? options_.policy.resolved_for : options_.label_sets.hold;
  std::vector<Delivery> due = DueDeliveries(now);
  seen_ = deps_.alerts.Sequence();
  sets_.Update(deps_.alerts.Snapshot(now - look_back), now);
  ForgetRefusals(due);
  const auto time_left = [&] { return lease->expires - kLeaseMargin - deps_.clock.Now(); };
  absl::Time next = next_look_up_;
  for (auto& [name, replica] : replicas_) {
    replica->Step(now, time_left);
    next = std::min(next, replica->NextTime(now));
  }
  Note(RecordDeliveries(std::move(due), now, lease->epoch));
  Note(RecordLateAcceptances(now, lease->epoch));
  ForgetEnded(now, look_back);
  return next;
}

void AlertmanagerSender::BeginTerm(int64_t epoch) {
  epoch_ = epoch;
  replicas_.clear();
  sets_.Clear();
  spreading_.clear();
  next_look_up_ = absl::InfinitePast();
}

bool AlertmanagerSender::KnowsAll() const {
  return !replicas_.empty() && std::all_of(replicas_.begin(), replicas_.end(),
                                           [](const auto& replica) { return replica.second->reconciled(); });
}

void AlertmanagerSender::FindReplicas(absl::Time now) {
  if (now < next_look_up_) {
    return;
  }
  next_look_up_ = now + kLookUpEvery;
  std::map<std::string, std::unique_ptr<ReplicaSender>> replicas;
  for (const Replica& replica : finder_.Find()) {
    auto known = replicas_.find(replica.name);
    replicas[replica.name] =
        known != replicas_.end()
            ? std::move(known->second)
            : std::make_unique<ReplicaSender>(
                  replica, options_.policy,
                  ReplicaSender::Dependencies{
                      .client = client_, .sets = sets_, .random = random_, .metrics = deps_.metrics});
  }
  replicas_ = std::move(replicas);
  deps_.metrics.SetDiscovered(static_cast<int64_t>(replicas_.size()));
}

void AlertmanagerSender::ForgetEnded(absl::Time now, absl::Duration age) {
  std::vector<std::string> forgotten;
  sets_.Forget([&](const std::string& key, const LabelSet& set) {
    const bool owed = std::any_of(replicas_.begin(), replicas_.end(),
                                  [&](const auto& replica) { return replica.second->Owes(key, set, now); });
    const bool done = now >= set.alert.ends_at + age && !owed;
    if (done) {
      forgotten.push_back(key);
    }
    return done;
  });
  for (const std::string& key : forgotten) {
    for (auto& [name, replica] : replicas_) {
      replica->Forget(key);
    }
  }
}

std::vector<Delivery> AlertmanagerSender::DueDeliveries(absl::Time now) {
  auto due = deps_.store.DueDeliveries(kAlertmanagerTarget, now, kPage);
  Note(due.status());
  return due.ok() ? *std::move(due) : std::vector<Delivery>();
}

absl::Status AlertmanagerSender::RecordDeliveries(std::vector<Delivery> due, absl::Time now, int64_t epoch) {
  for (;; due = DueDeliveries(now)) {
    const std::vector<Delivery> changed = Progress(due, now);
    if (changed.empty()) {
      return absl::OkStatus();
    }
    OREWATCH_RETURN_IF_ERROR(deps_.store.UpdateDeliveries(epoch, changed));
    for (const Delivery& delivery : changed) {
      deps_.metrics.CountDelivery(kAlertmanagerTarget, delivery.state);
      if (delivery.state == DeliveryState::kDelivered) {
        deps_.metrics.notify().Dispatched(*delivery.delivered_time - delivery.create_time);
      }
      if (delivery.state == DeliveryState::kDelivered && spreading_.size() < kMaxSpreading) {
        spreading_[delivery.sequence] = delivery;
      }
    }
  }
}

std::vector<Delivery> AlertmanagerSender::Progress(const std::vector<Delivery>& due, absl::Time now) {
  std::vector<Delivery> changed;
  for (Delivery delivery : due) {
    const Delivery before = delivery;
    if (delivery.sequence <= seen_) {
      RecordOne(delivery, now);
    }
    if (delivery != before) {
      changed.push_back(std::move(delivery));
    }
  }
  return changed;
}

void AlertmanagerSender::RecordOne(Delivery& delivery, absl::Time now) {
  std::vector<Acceptance> acceptances = AcceptancesOf(delivery);
  const std::string refusal = RefusalOf(delivery);
  const bool known = !sets_.KeysOf(delivery.alert_id).empty();
  if (!acceptances.empty()) {
    ++delivery.attempts;
    delivery.state = DeliveryState::kDelivered;
    delivery.delivered_time = now;
    delivery.accepted_by = std::move(acceptances);
    delivery.last_error.clear();
  } else if (!refusal.empty() || !known) {
    ++delivery.attempts;
    delivery.state = DeliveryState::kDead;
    delivery.last_error = known ? refusal : "the alert ended long ago, before any Alertmanager could be told";
  } else if (const std::string error = LastError(); !error.empty()) {
    ++delivery.attempts;
    delivery.last_error = error;
    delivery.next_attempt =
        now + PauseAfter(delivery.attempts, options_.policy.backoff, random_) + options_.policy.backoff.first;
  }
}

absl::Status AlertmanagerSender::RecordLateAcceptances(absl::Time now, int64_t epoch) {
  std::vector<Delivery> changed;
  for (auto at = spreading_.begin(); at != spreading_.end();) {
    Delivery& delivery = at->second;
    std::vector<Acceptance> acceptances = AcceptancesOf(delivery);
    for (const Acceptance& earlier : delivery.accepted_by) {
      const auto same = [&](const Acceptance& one) { return one.replica == earlier.replica; };
      acceptances.erase(std::remove_if(acceptances.begin(), acceptances.end(), same), acceptances.end());
    }
    if (!acceptances.empty()) {
      delivery.accepted_by.insert(delivery.accepted_by.end(), acceptances.begin(), acceptances.end());
      changed.push_back(delivery);
    }
    const bool done = delivery.accepted_by.size() >= replicas_.size() || now > *delivery.delivered_time + kSpreadsFor;
    at = done ? spreading_.erase(at) : std::next(at);
  }
  return changed.empty() ? absl::OkStatus() : deps_.store.UpdateDeliveries(epoch, changed);
}

std::vector<Acceptance> AlertmanagerSender::AcceptancesOf(const Delivery& delivery) const {
  std::vector<Acceptance> acceptances;
  for (const std::string& key : sets_.KeysOf(delivery.alert_id)) {
    const LabelSet& set = sets_.sets().at(key);
    if (!set.current || set.sequence < delivery.sequence) {
      continue;
    }
    for (const auto& [name, replica] : replicas_) {
      if (const auto time = replica->AcceptedTime(key, set)) {
        acceptances.push_back({.replica = name, .time = *time});
      }
    }
  }
  return acceptances;
}

std::string AlertmanagerSender::RefusalOf(const Delivery& delivery) const {
  std::string refusal;
  for (const std::string& key : sets_.KeysOf(delivery.alert_id)) {
    const LabelSet& set = sets_.sets().at(key);
    if (!set.current || set.sequence < delivery.sequence) {
      continue;
    }
    for (const auto& [name, replica] : replicas_) {
      const std::string one = replica->RefusalOf(key, set);
      if (one.empty() && replica->error().empty()) {
        return "";
      }
      refusal = one.empty() ? refusal : one;
    }
  }
  return refusal;
}

void AlertmanagerSender::ForgetRefusals(const std::vector<Delivery>& due) {
  for (const Delivery& delivery : due) {
    if (delivery.attempts > 0) {
      continue;
    }
    for (const std::string& key : sets_.KeysOf(delivery.alert_id)) {
      for (const auto& [name, replica] : replicas_) {
        replica->ForgetRefusal(key);
      }
    }
  }
}

std::string AlertmanagerSender::LastError() const {
  std::vector<std::string> errors;
  for (const auto& [name, replica] : replicas_) {
    if (!replica->error().empty()) {
      errors.push_back(replica->error());
    }
  }
  return replicas_.empty() ? "no address of an Alertmanager is known" : absl::StrJoin(errors, "; ");
}

std::vector<std::string> AlertmanagerSender::Unaccepted(absl::Duration age) const {
  std::vector<std::string> unaccepted;
  for (const auto& [key, set] : sets_.sets()) {
    const bool accepted = std::any_of(replicas_.begin(), replicas_.end(), [&, &key = key, &set = set](const auto& one) {
      return one.second->AcceptedTime(key, set).has_value();
    });
    // What says that this goes wrong is not part of it.
    const bool platform =
        set.alert.labels.contains(kAudienceLabel) && set.alert.labels.at(kAudienceLabel) == kPlatformAudience;
    if (set.current && set.firing && !accepted && !platform && deps_.clock.Now() - set.since > age) {
      unaccepted.push_back(set.alert_id);
    }
  }
  return unaccepted;
}

bool AlertmanagerSender::IsSuppressed(const std::string& alert_id) const {
  return std::any_of(replicas_.begin(), replicas_.end(),
                     [&](const auto& replica) { return replica.second->suppressed().contains(alert_id); });
}

}  // namespace orewatch::alerting

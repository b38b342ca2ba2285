// Keeps every Alertmanager told of what fires and what has ended, and the deliveries of how far that has come.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/http/client.h"
#include "common/time/clock.h"
#include "services/alerting/deliver/lease.h"
#include "services/alerting/deliver/replica_sender.h"
#include "services/alerting/deliver/replicas.h"
#include "services/alerting/store/delivery_store.h"

namespace orewatch::alerting {

// Level-triggered: each step compares what fires with what each replica has taken, so that nothing is lost with a step.
// Thread-compatible.
class AlertmanagerSender {
 public:
  struct Options {
    std::vector<std::string> urls;
    LabelSets::Options label_sets = {};
    SendPolicy policy = {};
    uint64_t seed = 0;
  };
  // All outlive it.
  struct Dependencies {
    const FiringAlerts& alerts;
    DeliveryStore& store;
    const Clock& clock;
    http::Client& client;
    Resolver& resolver;
    DeliveryMetrics& metrics;
    GetLease lease;
  };
  AlertmanagerSender(const Options& options, const Dependencies& dependencies);

  // Does what is to be done now, and says when there will be more if nothing changes. Does nothing without the lease.
  absl::Time Step();

  // What the platform says about itself has been looked at in this term: what an Alertmanager holds beside it has
  // ended.
  void MayEndPlatformAlerts() { sets_.KnowPlatform(); }

  // Alerts whose last change is this old and has been taken by nobody.
  std::vector<std::string> Unaccepted(absl::Duration age) const;
  // Unset: it has ended, or is not known.
  std::optional<absl::Time> FiringSince(const std::string& alert_id) const { return sets_.FiringSince(alert_id); }
  // Of all alerts and severities, those that have ended lately too.
  const LabelSets& label_sets() const { return sets_; }
  // Alertmanager has the alert and tells nobody, because it was told so.
  bool IsSuppressed(const std::string& alert_id) const;

 private:
  // Others may have sent since the last term, so that what this sender knew of the replicas is worth nothing.
  void BeginTerm(int64_t epoch);
  // What every replica holds has been seen.
  bool KnowsAll() const;
  void FindReplicas(absl::Time now);
  // What ended so long ago.
  void ForgetEnded(absl::Time now, absl::Duration age);
  // A page of them; none if they cannot be read.
  std::vector<Delivery> DueDeliveries(absl::Time now);
  // Of those that were due before anything was sent, and what follows them.
  absl::Status RecordDeliveries(std::vector<Delivery> due, absl::Time now, int64_t epoch);
  // Those of a page of due deliveries that have come further.
  std::vector<Delivery> Progress(const std::vector<Delivery>& due, absl::Time now);
  void RecordOne(Delivery& delivery, absl::Time now);
  absl::Status RecordLateAcceptances(absl::Time now, int64_t epoch);
  // Who has taken the alert as this change, or a later one, left it.
  std::vector<Acceptance> AcceptancesOf(const Delivery& delivery) const;
  // Why all replicas that answer refuse the alert as this change, or a later one, left it; empty: one takes it, or may
  // yet, or none answers.
  std::string RefusalOf(const Delivery& delivery) const;
  // What is to be sent anew is asked for anew.
  void ForgetRefusals(const std::vector<Delivery>& due);
  std::string LastError() const;

  const Options options_;
  const Dependencies deps_;
  std::mt19937_64 random_;
  AlertmanagerClient client_;
  LabelSets sets_;
  ReplicaFinder finder_;
  // Of the lease that it sent under last; 0: none.
  int64_t epoch_ = 0;
  absl::Time next_look_up_ = absl::InfinitePast();
  std::map<std::string, std::unique_ptr<ReplicaSender>> replicas_;
  // Taken by some replicas, and soon by others.
  std::map<int64_t, Delivery> spreading_;
  // Of the last change that the label sets know of.
  int64_t seen_ = 0;
};

}  // namespace orewatch::alerting

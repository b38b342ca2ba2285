// What one Alertmanager has been told, and tells it the rest.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "services/alerting/deliver/alertmanager_client.h"
#include "services/alerting/deliver/backoff.h"
#include "services/alerting/deliver/delivery_metrics.h"
#include "services/alerting/deliver/label_sets.h"

namespace orewatch::alerting {

struct SendPolicy {
  // What fires is sent again this often, and held against what the replica has.
  absl::Duration resend = absl::Seconds(50);
  // What has ended is sent for this long.
  absl::Duration resolved_for = absl::Minutes(15);
  absl::Duration timeout = absl::Seconds(10);
  // After a failure a replica is first asked whether it answers, for so long: the others wait meanwhile.
  absl::Duration probe_timeout = absl::Seconds(1);
  BackoffPolicy backoff = {.first = absl::Seconds(1), .longest = absl::Seconds(30)};
  size_t batch = 500;
};

// Thread-compatible.
class ReplicaSender {
 public:
  // How long the right to send lasts; at most what a call may take.
  using TimeLeft = std::function<absl::Duration()>;
  // All outlive it.
  struct Dependencies {
    AlertmanagerClient& client;
    LabelSets& sets;
    std::mt19937_64& random;
    DeliveryMetrics& metrics;
  };
  ReplicaSender(Replica replica, const SendPolicy& policy, const Dependencies& dependencies)
      : replica_(std::move(replica)), policy_(policy), deps_(dependencies) {}

  // Sends what is due, then, if it is time, holds the replica's alerts against ours, and sends what that showed.
  void Step(absl::Time now, const TimeLeft& time_left);
  // Not before this is there anything to do, unless the sets change.
  absl::Time NextTime(absl::Time now) const;

  // When it took this version of the set; unset: it has not.
  std::optional<absl::Time> AcceptedTime(const std::string& key, const LabelSet& set) const;
  // It holds the set as firing, as far as we know, and must be told that it has ended.
  bool Owes(const std::string& key, const LabelSet& set, absl::Time now) const;
  // Why it does not take this version of the set, whatever is tried; empty: it does, or has not been asked.
  std::string RefusalOf(const std::string& key, const LabelSet& set) const;
  // As if it had not been asked.
  void ForgetRefusal(const std::string& key) { refused_.erase(key); }
  void Forget(const std::string& key) {
    accepted_.erase(key);
    refused_.erase(key);
  }
  // What it holds has been seen, once at least.
  bool reconciled() const { return reconciled_; }
  // Alerts that it holds and tells nobody of.
  const std::set<std::string>& suppressed() const { return suppressed_; }
  const Replica& replica() const { return replica_; }
  // Why it cannot be told of anything; empty: it answers.
  const std::string& error() const { return error_; }

 private:
  struct Accepted {
    uint64_t version = 0;
    absl::Time time;
    absl::Time ends_at;
  };
  struct Refused {
    uint64_t version = 0;
    std::string error;
  };
  using Batch = std::vector<const std::string*>;

  // Not so long ended that nobody who has not heard of it needs to.
  bool IsWanted(const LabelSet& set, absl::Time now) const;
  // What has ended is not repeated once the alert fires again: the receiver of that would be told of the end anew.
  bool IsRepeated(const LabelSet& set, absl::Time now) const;
  bool IsDue(const std::string& key, const LabelSet& set, absl::Time now) const;
  // Each is false if the replica cannot be told now.
  bool Probe(absl::Time now, const TimeLeft& time_left);
  bool SendDue(absl::Time now, const TimeLeft& time_left);
  bool SendBatch(const Batch& batch, absl::Time now, const TimeLeft& time_left);
  absl::Status Post(const Batch& batch, absl::Time now, const TimeLeft& time_left);
  // Looks for what is to blame for a refusal.
  bool Divide(const Batch& batch, const absl::Status& refusal, absl::Time now, const TimeLeft& time_left);
  // It refuses something. False if it takes not even the watchdog, so that it is the one to blame.
  bool TakesAnything(absl::Time now, const TimeLeft& time_left);
  bool IsRefused(const std::string& key, const LabelSet& set) const { return !RefusalOf(key, set).empty(); }
  void Accept(const Batch& batch, absl::Time now);
  void Succeed();
  void Fail(const absl::Status& status, absl::Time now);
  bool Reconcile(absl::Time now, const TimeLeft& time_left);
  void Compare(const std::map<std::string, HeldAlert>& held, absl::Time now);

  const Replica replica_;
  const SendPolicy& policy_;
  const Dependencies deps_;
  absl::flat_hash_map<std::string, Accepted> accepted_;
  absl::flat_hash_map<std::string, Refused> refused_;
  // Since it was last found that something is due, it has taken something.
  bool takes_ = false;
  std::set<std::string> suppressed_;
  bool reconciled_ = false;
  int failures_ = 0;
  absl::Time next_attempt_ = absl::InfinitePast();
  absl::Time next_reconcile_ = absl::InfinitePast();
  std::string error_;
};

}  // namespace orewatch::alerting

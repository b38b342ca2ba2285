// What follows from the looks of a step at each alert for all of them together, and for those who are told.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "services/alerting/domain/ledger.h"

namespace orewatch::alerting {

// The alerts of a rule, in the order of their keys. Valid until an alert is added.
std::vector<AlertKey> AlertKeysAbout(const World& world, const std::string& rule, const std::string& subject);
std::vector<Alert*> AlertsOf(World& world, const std::string& rule);
// Of its alerts about happenings of one thing.
std::vector<AlertKey> AlertKeysAbout(const World& world, const std::string& rule, const std::string& resource);

// Limits of rules, alerts that mute others, new subjects, flapping, notifications and digests. The state of an alert
// goes on whatever is told of it; only a limit holds one back. Level-triggered like the rest: an alert that fires, is
// not muted, and of which nobody has been told, is told. Thread-compatible; the ledger outlives it.
class Settlement {
 public:
  explicit Settlement(Ledger& ledger) : ledger_(ledger) {}

  // Something about a rule itself has changed.
  void RuleChanged(const Rule& rule);
  // A tick has passed: what keeps an alert quiet for a time may be over.
  void Sweep();
  // Whether the input has been silent for longer than some rules bear may have changed.
  void JudgeSilence();
  // Of an alert that is about to be ended from outside.
  void ForgetFlips(Alert& alert);
  // After the looks of a step, with the time that they had.
  void Settle();

 private:
  World& world() { return ledger_.world(); }
  const Rule* RuleOf(const Alert& alert);
  void Limit(const Rule& rule);
  // Fires or resolves the alert of the rule itself.
  void SettleRuleAlert(const Rule& rule, bool fires, Reason reason, double value);
  void FindInhibited();
  void Refresh(const Rule* rule, Alert& alert);
  const Alert* InhibitorOf(const Rule& rule, const Alert& alert);
  void CountFlips();
  void CalmDown(Alert& alert);
  void Notify();
  void Unmute();
  void Digest();
  void TellAsOne(const std::vector<size_t>& entries);

  Ledger& ledger_;
  // Of rules that have changed, and alerts to look at besides those that the looks touched.
  std::set<std::string> rules_;
};

}  // namespace orewatch::alerting

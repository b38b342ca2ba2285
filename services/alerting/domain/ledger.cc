#include "services/alerting/domain/ledger.h"

#include "services/alerting/domain/attention.h"

namespace orewatch::alerting {
namespace {

void SetTimes(absl::Time time, Alert& alert) {
  switch (alert.state) {
    case AlertState::kInactive:
      return;
    case AlertState::kPending:
      alert.pending_time = time;
      alert.fire_time.reset();
      alert.resolve_time.reset();
      return;
    case AlertState::kFiring:
      alert.fire_time = time;
      alert.resolve_time.reset();
      return;
    case AlertState::kResolved:
      alert.resolve_time = time;
      return;
  }
}

}  // namespace

void Ledger::Settled() {
  unsettled_.clear();
  first_unsettled_ = changes_.transitions.size();
}

Alert& Ledger::Keep(Alert alert) {
  Touch(alert);
  const AlertKey key = alert.key;
  return world_.alerts.insert_or_assign(key, std::move(alert)).first->second;
}

void Ledger::Touch(const Alert& alert) {
  touched_.insert(alert.key);
  unsettled_.insert(alert.key);
}

TimelineEntry& Ledger::Record(AlertState from, EntryKind kind, Reason reason, int64_t revision, Alert& alert) {
  if (from != alert.state) {
    SetTimes(time_, alert);
    alert.resolve_reason = alert.state == AlertState::kResolved ? reason : Reason::kNone;
  }
  if (!alert.Live()) {
    DropAttention(alert);
  }
  alert.sequence = ++world_.sequence;
  changes_.transitions.push_back({.from = from,
                                  .reason = reason,
                                  .time = time_,
                                  .revision = {world_.applied.lineage, revision},
                                  .after = alert,
                                  .kind = kind});
  return changes_.transitions.back();
}

void Ledger::Note(Reason reason, Alert& alert) {
  Record(alert.state, reason, world_.applied.number, alert);
  Touch(alert);
}

Changes Ledger::TakeChanges() {
  for (const AlertKey& key : touched_) {
    changes_.alerts.push_back(world_.alerts.at(key));
  }
  changes_.position = world_.position();
  return std::move(changes_);
}

}  // namespace orewatch::alerting

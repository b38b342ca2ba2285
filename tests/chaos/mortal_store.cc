#include "tests/chaos/mortal_store.h"

#include <sqlite3.h>

#include "services/alerting/deliver/platform_alerts.h"

namespace orewatch::testing {
namespace {

const Death* death_in_transactions = nullptr;
// This thread is storing a change of an alert.
thread_local bool stores_a_change = false;

int BeforeTheEnd(void* /*unused*/) {
  if (stores_a_change) {
    death_in_transactions->At(step::kCommitting);
  }
  return 0;
}

int OnOpen(sqlite3* db, const char** /*error*/, const sqlite3_api_routines* /*api*/) {
  sqlite3_commit_hook(db, BeforeTheEnd, nullptr);
  return SQLITE_OK;
}

}  // namespace

void MortalStore::DieInTransactionsOfSqlite(const Death& death) {
  death_in_transactions = &death;
  // Its type is the same for every entry point, whatever that takes.
  sqlite3_auto_extension(reinterpret_cast<void (*)()>(OnOpen));
}

absl::StatusOr<alerting::Version> MortalStore::Write(const alerting::Commit& commit) {
  const bool changes_an_alert = !commit.changes.transitions.empty();
  if (!changes_an_alert) {
    return store_->Write(commit);
  }
  death_.At(step::kEvaluated);
  stores_a_change = true;
  auto version = store_->Write(commit);
  stores_a_change = false;
  if (version.ok()) {
    death_.At(step::kCommitted);
  }
  return version;
}

absl::Status MortalStore::UpdateDeliveries(int64_t epoch, const std::vector<alerting::Delivery>& deliveries) {
  death_.At(step::kRecording);
  absl::Status status = deliveries_.UpdateDeliveries(epoch, deliveries);
  death_.At(step::kRecorded);
  return status;
}

absl::StatusOr<std::optional<alerting::Delivery>> MortalStore::MarkNotified(const std::string& alert_id,
                                                                            int64_t sequence, absl::Time time) {
  if (alert_id == alerting::kWatchdogId) {
    return deliveries_.MarkNotified(alert_id, sequence, time);
  }
  death_.At(step::kConfirming);
  auto marked = deliveries_.MarkNotified(alert_id, sequence, time);
  death_.At(step::kConfirmed);
  return marked;
}

}  // namespace orewatch::testing

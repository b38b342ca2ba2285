// An engine with many rules over many scores, as large as a benchmark wants it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/testing/temp_dir.h"
#include "common/time/clock.h"
#include "prometheus/registry.h"
#include "services/alerting/engine/alert_engine.h"
#include "services/alerting/store/sqlite/sqlite_alert_store.h"

namespace orewatch::bench {

struct Size {
  int subjects = 0;
  // A multiple of ten.
  int rules = 0;
  int firing = 0;
};

// Every rule matches every subject. Of ten rules six fire at once, two wait, and two look at a window.
// Thread-compatible.
class Plant {
 public:
  // The clock outlives it.
  Plant(const Size& size, const Clock& clock, std::vector<alerting::DeliveryTarget> targets = {});

  // All scores there are, so that about as many alerts fire as the size says.
  alerting::ScoreBatch AllScores();
  // One of them that moves without raising anything, another each time.
  alerting::ScoreBatch OneScore();
  // A subject's score, so high that one rule fires, and two wait.
  alerting::ScoreBatch Peak(int subject);
  // The id of the alert that fires.
  std::string PeakAlert(int subject) const;
  void Apply(const alerting::ScoreBatch& batch);
  // As a process that starts does.
  void Reopen();

  alerting::AlertEngine& engine() { return *engine_; }
  alerting::SqliteAlertStore& store() { return *store_; }
  int64_t CountFiring();
  alerting::World LoadWorld() { return store_->Load()->world; }

 private:
  // The last rule that fires at once is the first to do so when a value rises.
  int FirstToFire() const { return size_.rules - 5; }
  alerting::ScoreValue ScoreOf(int subject, double value) const;
  alerting::ScoreBatch NextBatch();
  void AddRules();

  const Size size_;
  const Clock& clock_;
  const std::vector<alerting::DeliveryTarget> targets_;
  const testing::TempDir dir_;
  prometheus::Registry registry_;
  alerting::AlertMetrics metrics_{registry_};
  std::unique_ptr<alerting::SqliteAlertStore> store_;
  std::unique_ptr<alerting::AlertEngine> engine_;
  int64_t revision_ = 0;
  int next_ = 0;
};

}  // namespace orewatch::bench

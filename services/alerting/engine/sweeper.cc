#include "services/alerting/engine/sweeper.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "common/log/log.h"
#include "common/status/status.h"

namespace orewatch::alerting {

absl::Status Sweeper::Step() {
  if (!engine_.lease().has_value()) {
    pass_ = Pass();
    next_pass_ = absl::InfinitePast();
    return absl::OkStatus();
  }
  const absl::Time now = engine_.clock().Now();
  if (now < next_pass_) {
    return absl::OkStatus();
  }
  for (int batch = 0; batch < kBatchesAStep; ++batch) {
    if (!pass_.deliveries_done) {
      OREWATCH_ASSIGN_OR_RETURN(const bool more, SweepDeliveries(now - policy_.deliveries));
      pass_.deliveries_done = !more;
      continue;
    }
    OREWATCH_ASSIGN_OR_RETURN(const bool more, SweepEvents(now - policy_.events));
    if (!more) {
      pass_ = Pass();
      next_pass_ = now + kPassEvery;
      return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Sweeper::SweepDeliveries(absl::Time before) {
  OREWATCH_ASSIGN_OR_RETURN(std::vector<Delivery> page,
                            engine_.store().deliveries().DeliveriesAfter(pass_.delivery, kBatch));
  const bool whole = static_cast<int64_t>(page.size()) == kBatch;
  // By sequence they are by time, but for minutes that the next pass makes up for.
  const auto young =
      std::find_if(page.begin(), page.end(), [&](const Delivery& delivery) { return delivery.create_time >= before; });
  if (young == page.begin()) {
    return false;
  }
  const bool more = whole && young == page.end();
  const DeliveryRank last{std::prev(young)->sequence, std::prev(young)->target};
  page.erase(young, page.end());
  std::erase_if(page, [&](const Delivery& delivery) {
    return delivery.state == DeliveryState::kPending || GoesOn(delivery.alert_id, delivery.create_time);
  });
  OREWATCH_RETURN_IF_ERROR(DropDeliveries(page));
  pass_.delivery = last;
  return more;
}

absl::Status Sweeper::DropDeliveries(const std::vector<Delivery>& deliveries) {
  Dropped dropped;
  for (const Delivery& delivery : deliveries) {
    dropped.deliveries.push_back({delivery.sequence, delivery.target});
  }
  OREWATCH_RETURN_IF_ERROR(engine_.Drop(dropped));
  const auto dead = std::count_if(deliveries.begin(), deliveries.end(),
                                  [](const Delivery& delivery) { return delivery.state == DeliveryState::kDead; });
  if (dead > 0) {
    log::Warning("deliveries that were given up have been dropped; nobody had them sent again", {{"count", dead}});
  }
  metrics_.CountDropped("dead_letter", static_cast<size_t>(dead));
  metrics_.CountDropped("delivery", deliveries.size() - static_cast<size_t>(dead));
  return absl::OkStatus();
}

absl::StatusOr<bool> Sweeper::SweepEvents(absl::Time before) {
  OREWATCH_ASSIGN_OR_RETURN(std::vector<TimelineEntry> page, engine_.store().TransitionsAfter(pass_.event, kBatch));
  const bool whole = static_cast<int64_t>(page.size()) == kBatch;
  const auto young =
      std::find_if(page.begin(), page.end(), [&](const TimelineEntry& entry) { return entry.time >= before; });
  if (young == page.begin()) {
    return false;
  }
  const bool more = whole && young == page.end();
  const int64_t last = std::prev(young)->after.sequence;
  page.erase(young, page.end());
  OREWATCH_ASSIGN_OR_RETURN(const std::set<int64_t> delivered, Delivered(page.front().after.sequence, last));
  Dropped dropped;
  for (const TimelineEntry& entry : page) {
    if (!delivered.contains(entry.after.sequence) && !GoesOn(entry.after.Id(), entry.time)) {
      dropped.entries.push_back(entry.after.sequence);
    }
  }
  OREWATCH_RETURN_IF_ERROR(engine_.Drop(dropped));
  metrics_.CountDropped("event", dropped.entries.size());
  pass_.event = last;
  return more;
}

bool Sweeper::GoesOn(const std::string& alert_id, absl::Time since) const {
  Position position;
  const std::optional<RuledAlert> found = engine_.view().FindAlert(alert_id, position);
  return found.has_value() && GoesOnSince(found->alert, since);
}

absl::StatusOr<std::set<int64_t>> Sweeper::Delivered(int64_t first, int64_t last) const {
  std::set<int64_t> delivered;
  DeliveryRank after{.sequence = first};
  for (;;) {
    OREWATCH_ASSIGN_OR_RETURN(const std::vector<Delivery> page,
                              engine_.store().deliveries().DeliveriesAfter(after, kBatch));
    for (const Delivery& delivery : page) {
      delivered.insert(delivery.sequence);
    }
    if (static_cast<int64_t>(page.size()) < kBatch || page.back().sequence > last) {
      return delivered;
    }
    after = {page.back().sequence, page.back().target};
  }
}

}  // namespace orewatch::alerting

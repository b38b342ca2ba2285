// ListAlerts and ListAlertEvents: filters, orders and pages.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "services/alerting/api/pages.h"
#include "services/alerting/engine/alert_engine.h"

namespace orewatch::alerting {

// How many alerts a page looks at before it ends short, and how many can be put in an order that was asked for.
inline constexpr size_t kMaxLookedAt = 20000;
inline constexpr size_t kMaxOrdered = 100000;

// True if answering may take long: there is a filter or an order.
bool IsSearch(const v1::ListAlertsRequest& request);

// INVALID_ARGUMENT naming the field; FAILED_PRECONDITION with reason PAGE_TOKEN_EXPIRED or TOO_MANY_TO_ORDER.
absl::StatusOr<v1::ListAlertsResponse> ListAlerts(const v1::ListAlertsRequest& request, const Asker& asker,
                                                  const AlertEngine& engine);

// Reads the store. NOT_FOUND; INVALID_ARGUMENT naming the field; FAILED_PRECONDITION with reason PAGE_TOKEN_EXPIRED;
// UNAVAILABLE or DATA_LOSS from the store.
absl::StatusOr<v1::ListAlertEventsResponse> ListAlertEvents(const v1::ListAlertEventsRequest& request,
                                                            const Asker& asker, const AlertEngine& engine);

// The alert as the caller may see it. INVALID_ARGUMENT blaming `name`, NOT_FOUND.
absl::StatusOr<RuledAlert> FindVisible(const std::string& name, const std::string& principal, const AlertEngine& engine,
                                       Position& position);

}  // namespace orewatch::alerting

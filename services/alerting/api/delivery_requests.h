// ListDeliveries and ReplayDelivery.
#pragma once

#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "services/alerting/store/delivery_store.h"

namespace orewatch::alerting {

v1::Delivery ToProto(const Delivery& delivery);

// INVALID_ARGUMENT, and as the store.
absl::StatusOr<v1::ListDeliveriesResponse> ListDeliveries(const v1::ListDeliveriesRequest& request,
                                                          DeliveryStore& store);
absl::StatusOr<v1::Delivery> ReplayDelivery(const v1::ReplayDeliveryRequest& request, const Clock& clock,
                                            DeliveryStore& store);

}  // namespace orewatch::alerting

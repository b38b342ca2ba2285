#include "services/alerting/deliver/webhook_sender.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/trace/trace.h"
#include "services/alerting/deliver/secret_file.h"

namespace orewatch::alerting {
namespace {

constexpr int64_t kPage = 20;
constexpr absl::Duration kLeaseMargin = absl::Seconds(1);
constexpr int kGone = 410;

}  // namespace

absl::Status WebhookSender::Step() {
  for (;;) {
    const std::optional<Lease> lease = deps_.lease();
    if (!lease.has_value() || !breaker_.Allows(deps_.clock.Now())) {
      return absl::OkStatus();
    }
    OREWATCH_ASSIGN_OR_RETURN(const bool more, SendPage(*lease));
    if (!more) {
      return absl::OkStatus();
    }
  }
}

absl::StatusOr<bool> WebhookSender::SendPage(const Lease& lease) {
  OREWATCH_ASSIGN_OR_RETURN(const std::vector<Delivery> due,
                            deps_.store.DueDeliveries(endpoint_.name, deps_.clock.Now(), kPage));
  for (Delivery delivery : due) {
    const absl::Time now = deps_.clock.Now();
    if (!breaker_.Allows(now) || lease.expires - now <= kLeaseMargin) {
      return false;
    }
    Attempt(lease, delivery);
    // At once: what was sent is not to be sent again because a later one is slow.
    OREWATCH_RETURN_IF_ERROR(deps_.store.UpdateDeliveries(lease.epoch, {delivery}));
    deps_.metrics.CountDelivery(endpoint_.name, delivery.state);
  }
  return !due.empty();
}

void WebhookSender::Attempt(const Lease& lease, Delivery& delivery) {
  // What is sent and what is said of it are one trace.
  const TraceScope scope(BeginTrace());
  const auto event = deps_.events.Find(delivery.sequence, endpoint_.principal);
  ++delivery.attempts;
  if (!event.ok()) {
    Retry(event.status().ToString(), absl::ZeroDuration(), delivery);
  } else if (!event->has_value()) {
    Bury("its principal may not see the alert", delivery);
  } else {
    Decide(Post(lease, **event), delivery);
  }
}

absl::StatusOr<http::Response> WebhookSender::Post(const Lease& lease, const AlertEvent& event) {
  OREWATCH_ASSIGN_OR_RETURN(const std::string text, ReadSecretFile(endpoint_.secret_file));
  OREWATCH_ASSIGN_OR_RETURN(const std::vector<std::string> secrets, ParseWebhookSecrets("secret_file", text));
  const absl::Time now = deps_.clock.Now();
  http::Request request{.method = "POST",
                        .url = endpoint_.url,
                        .body = ToCloudEvent(event, options_.source),
                        .timeout = std::min(options_.timeout, lease.expires - kLeaseMargin - now),
                        .direct = false};
  request.headers = SignedHeaders(WebhookId(event), now, request.body, secrets);
  request.headers.emplace_back("Content-Type", "application/cloudevents+json; charset=utf-8");
  return deps_.client.Send(request);
}

void WebhookSender::Decide(const absl::StatusOr<http::Response>& answer, Delivery& delivery) {
  const absl::Time now = deps_.clock.Now();
  if (answer.ok() && answer->status / 100 == 2) {
    breaker_.Succeeded();
    delivery.state = DeliveryState::kDelivered;
    delivery.delivered_time = now;
    delivery.last_error.clear();
    return;
  }
  breaker_.Failed(now, random_);
  const std::string error = answer.ok() ? absl::StrCat("HTTP ", answer->status) : answer.status().ToString();
  if (answer.ok() && answer->status == kGone) {
    Bury(error, delivery);
    return;
  }
  Retry(error, answer.ok() ? answer->retry_after : absl::ZeroDuration(), delivery);
}

void WebhookSender::Retry(std::string error, absl::Duration at_least, Delivery& delivery) {
  const absl::Time now = deps_.clock.Now();
  if (now - delivery.create_time > options_.dead_after && delivery.attempts >= options_.least_attempts) {
    Bury(std::move(error), delivery);
    return;
  }
  delivery.last_error = std::move(error);
  // Never at once, or a page would be sent over and over.
  delivery.next_attempt =
      now + std::max(at_least, absl::Milliseconds(1) + PauseAfter(delivery.attempts, options_.backoff, random_));
}

void WebhookSender::Bury(std::string error, Delivery& delivery) {
  delivery.state = DeliveryState::kDead;
  delivery.last_error = std::move(error);
}

}  // namespace orewatch::alerting

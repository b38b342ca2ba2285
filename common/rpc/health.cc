#include "common/rpc/health.h"

#include <memory>
#include <utility>

#include "common/status/status.h"
#include "grpc/health/v1/health.pb.h"

namespace orewatch::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

HealthCheckResponse::ServingStatus StatusOf(bool serving) {
  return serving ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

// Sends the status once, then whenever it differs from what was sent.
class StatusSource final : public StreamSource<HealthCheckResponse> {
 public:
  StatusSource(std::function<HealthCheckResponse::ServingStatus()> status, Notifier::Subscription subscription)
      : status_(std::move(status)), subscription_(std::move(subscription)) {}

  absl::StatusOr<Poll> Next(HealthCheckResponse& out) override {
    const auto now = status_();
    if (now == sent_) {
      return Poll::kWait;
    }
    sent_ = now;
    out.set_status(now);
    return Poll::kMessage;
  }

 private:
  std::function<HealthCheckResponse::ServingStatus()> status_;
  Notifier::Subscription subscription_;
  HealthCheckResponse::ServingStatus sent_ = HealthCheckResponse::UNKNOWN;
};

}  // namespace

Health::Health()
    : serving_{{"", false}, {kLiveness, false}},
      service_(HealthCheckRequest::descriptor()->file()->FindServiceByName("Health")) {
  BindCheck();
  BindWatch();
}

void Health::BindCheck() {
  service_.Unary<HealthCheckRequest, HealthCheckResponse>(
      "Check", Runs::kInline,
      [this](const CallContext&, const HealthCheckRequest& request) -> absl::StatusOr<HealthCheckResponse> {
        bool serving = false;
        if (!Lookup(request.service(), serving)) {
          return MakeError(absl::StatusCode::kNotFound, "NOT_FOUND", "no such service");
        }
        HealthCheckResponse response;
        response.set_status(StatusOf(serving));
        return response;
      });
}

void Health::BindWatch() {
  service_.ServerStream<HealthCheckRequest, HealthCheckResponse>(
      "Watch",
      [this](const CallContext&, const HealthCheckRequest& request,
             Waker waker) -> absl::StatusOr<std::unique_ptr<StreamSource<HealthCheckResponse>>> {
        auto status = [this, name = request.service()] {
          bool serving = false;
          // The protocol wants an answer, not an error: the name may be registered later.
          return Lookup(name, serving) ? StatusOf(serving) : HealthCheckResponse::SERVICE_UNKNOWN;
        };
        return std::make_unique<StatusSource>(std::move(status), changed_.Subscribe(std::move(waker)));
      });
}

void Health::AddService(const std::string& name) { Set(name, false); }

void Health::SetReady(bool ready) {
  {
    absl::MutexLock lock(&mutex_);
    for (auto& [name, serving] : serving_) {
      if (name != kLiveness) {
        serving = ready && !readiness_ended_;
      }
    }
  }
  changed_.NotifyAll();
}

void Health::EndReadiness() {
  {
    absl::MutexLock lock(&mutex_);
    readiness_ended_ = true;
  }
  SetReady(false);
}

void Health::SetLive(bool live) { Set(kLiveness, live); }

void Health::Set(const std::string& name, bool serving) {
  {
    absl::MutexLock lock(&mutex_);
    serving_[name] = serving;
  }
  changed_.NotifyAll();
}

bool Health::Lookup(const std::string& name, bool& serving) const {
  absl::MutexLock lock(&mutex_);
  const auto found = serving_.find(name);
  if (found == serving_.end()) {
    return false;
  }
  serving = found->second;
  return true;
}

bool Health::ready() const {
  bool serving = false;
  return Lookup("", serving) && serving;
}

bool Health::live() const {
  bool serving = false;
  return Lookup(kLiveness, serving) && serving;
}

}  // namespace orewatch::rpc

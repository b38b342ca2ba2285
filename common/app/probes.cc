#include "common/app/probes.h"

#include "absl/strings/str_cat.h"
#include "common/app/admin_pages.h"
#include "common/log/log.h"
#include "common/rpc/health.h"

namespace orewatch::app {

void Probes::BeginServing(rpc::Server& server) {
  {
    absl::MutexLock lock(&mutex_);
    server_ = &server;
    last_beat_ = Steady::now();
  }
  pulse_ = std::make_unique<rpc::Pulse>(server.OwnChannel());
  looks_.emplace([this] {
    LookAtReadiness();
    return options_.database_look;
  });
  // Apart: a server that does not answer must not keep anybody from hearing of the database.
  feels_.emplace([this] {
    FeelPulse();
    return options_.pulse;
  });
}

void Probes::SetCaughtUp() {
  {
    absl::MutexLock lock(&mutex_);
    caught_up_ = true;
  }
  LookAtReadiness();
}

void Probes::BeginDrain() {
  absl::MutexLock lock(&mutex_);
  drains_ = true;
}

void Probes::EndServing() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  looks_.reset();
  feels_.reset();
  pulse_.reset();
  absl::MutexLock lock(&mutex_);
  server_ = nullptr;
}

bool Probes::live() const {
  absl::MutexLock lock(&mutex_);
  return server_ == nullptr || drains_ || absl::FromChrono(Steady::now() - last_beat_) < options_.pulse_patience;
}

std::string Probes::WhyNotReady() const {
  absl::MutexLock lock(&mutex_);
  return WhyNotReadyLocked();
}

std::string Probes::WhyNotReadyLocked() const {
  if (server_ == nullptr) {
    return stopped_ ? "stopped" : "starting";
  }
  if (drains_) {
    return "draining";
  }
  if (!caught_up_) {
    return "catching up";
  }
  const absl::Duration silence = database_.Silence();
  return silence < options_.database_patience
             ? ""
             : absl::StrCat("the database has not answered for ", absl::ToInt64Seconds(silence), " s");
}

std::string Probes::CallsInFlight(absl::Time now) const {
  static const auto& none = *new rpc::CallTable();
  absl::MutexLock lock(&mutex_);
  return InFlightPage(server_ == nullptr ? none : server_->calls(), now);
}

void Probes::LookAtReadiness() {
  std::string why_not;
  {
    // Held while it is told, so that two who look do not tell it in the wrong order.
    absl::MutexLock lock(&mutex_);
    why_not = WhyNotReadyLocked();
    // A drain ends readiness by itself, once and for all.
    if (server_ == nullptr || drains_ || why_not.empty() == told_ready_) {
      return;
    }
    told_ready_ = why_not.empty();
    server_->health().SetReady(told_ready_);
  }
  if (why_not.empty()) {
    log::Info("ready");
  } else {
    log::Warning("not ready", {{"text", why_not}});
  }
}

// A drain goes on as long as it takes.
void Probes::FeelPulse() {
  {
    absl::MutexLock lock(&mutex_);
    if (drains_) {
      return;
    }
  }
  if (pulse_->Beats(options_.pulse)) {
    absl::MutexLock lock(&mutex_);
    last_beat_ = Steady::now();
  }
}

}  // namespace orewatch::app

#include "tests/chaos/fleet_load.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "tests/testing/clients.h"

namespace orewatch::testing {
namespace {

constexpr int64_t kCallsOfProgress = 20;
constexpr char kAlertWatcher[] = "alert watcher";
// A stream that ends by itself is a message of progress, as a call is.
constexpr absl::Duration kStreamLife = absl::Seconds(1);

// Of a status: who answered so.
constexpr char kPeer[] = "orewatch.testing/peer";

absl::Status From(const grpc::ClientContext& context, absl::Status status) {
  if (!status.ok()) {
    status.SetPayload(kPeer, absl::Cord(context.peer()));
  }
  return status;
}

std::string NameOf(const std::string& who, const absl::Status& status) {
  return absl::StrCat(who, ": ", absl::StatusCodeToString(status.code()), " ", ErrorReason(status));
}

template <typename Stub, typename Request, typename Response>
std::function<absl::Status()> Repeatedly(std::shared_ptr<Stub> stub,
                                         grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                         Request request) {
  return
      [stub = std::move(stub), method, request = std::move(request)] { return Call(*stub, method, request).status(); };
}

registry::v1::UpdateMineralRequest Renaming(int64_t number) {
  registry::v1::UpdateMineralRequest request;
  request.mutable_mineral()->set_name("minerals/mineral-0");
  request.mutable_mineral()->set_display_name(absl::StrCat("Name ", number));
  request.mutable_update_mask()->add_paths("display_name");
  // One that has not been used before, also by a load of another run on the same database.
  request.set_request_id(absl::StrCat("rename-", absl::ToUnixNanos(absl::Now()), "-", number));
  return request;
}

// Follows the registry, one stream after the other, and knows every revision by its number.
class Follower {
 public:
  explicit Follower(const std::shared_ptr<grpc::Channel>& channel) : stub_(channel) {}

  // One stream, from where the last ended.
  absl::Status Follow() {
    grpc::ClientContext context;
    LimitCall(context, kStreamLife);
    registry::v1::WatchRequest request;
    if (last_ > 0) {
      *request.mutable_after() = position_;
      request.set_after_digest(digest_);
    }
    const auto stream = stub_.Watch(&context, request);
    registry::v1::ChangeSet set;
    while (stream->Read(&set)) {
      OREWATCH_RETURN_IF_ERROR(Take(set));
    }
    const absl::Status end = rpc::FromGrpc(stream->Finish());
    return ErrorReason(end) == "DRAINING" || absl::IsDeadlineExceeded(end) ? absl::OkStatus() : From(context, end);
  }

 private:
  absl::Status Take(const registry::v1::ChangeSet& set) {
    if (!set.last_chunk()) {
      return absl::OkStatus();
    }
    const int64_t number = set.revision().number();
    // A bookmark may repeat the last.
    if (number > last_ + 1 || (number <= last_ && !set.bookmark())) {
      return absl::DataLossError(absl::StrCat("after revision ", last_, " came ", number));
    }
    last_ = number;
    position_ = set.revision();
    digest_ = set.digest();
    return absl::OkStatus();
  }

  RegistryStub stub_;
  int64_t last_ = 0;
  type::v1::Revision position_;
  std::string digest_;
};

}  // namespace

// Follows what happens to alerts, one stream after the other, and counts acknowledgements. Thread-compatible.
class AlertFollower {
 public:
  AlertFollower(const std::shared_ptr<grpc::Channel>& channel, const alerting::v1::ListAlertsResponse& begin)
      : stub_(channel) {
    position_.set_after_sequence(begin.sequence());
    position_.set_lineage(begin.lineage());
  }

  int64_t acknowledged() const { return acknowledged_; }

  // One stream, from where the last ended.
  absl::Status Follow() {
    grpc::ClientContext context;
    LimitCall(context, kStreamLife);
    const auto stream = stub_.WatchAlerts(&context, position_);
    alerting::v1::WatchAlertsResponse message;
    while (stream->Read(&message)) {
      OREWATCH_RETURN_IF_ERROR(Take(message));
    }
    const absl::Status end = rpc::FromGrpc(stream->Finish());
    return ErrorReason(end) == "DRAINING" || absl::IsDeadlineExceeded(end) ? absl::OkStatus() : From(context, end);
  }

 private:
  absl::Status Take(const alerting::v1::WatchAlertsResponse& message) {
    if (message.has_bookmark()) {
      position_.set_after_sequence(message.bookmark().sequence());
      return absl::OkStatus();
    }
    const int64_t sequence = message.event().sequence();
    if (sequence <= position_.after_sequence()) {
      return absl::DataLossError(absl::StrCat("after event ", position_.after_sequence(), " came ", sequence));
    }
    position_.set_after_sequence(sequence);
    acknowledged_ += message.event().kind() == alerting::v1::AlertEvent::KIND_ACKNOWLEDGED ? 1 : 0;
    return absl::OkStatus();
  }

  AlertingStub stub_;
  alerting::v1::WatchAlertsRequest position_;
  int64_t acknowledged_ = 0;
};

FleetLoad::~FleetLoad() { Stop(); }

FleetLoad::FleetLoad(const Fleet& fleet, KnownFaults known) : fleet_(fleet), known_(std::move(known)) {
  AddAcknowledger(fleet);
  AddReaders(fleet);
  AddWriter(fleet);
  AddWatcher(fleet);
}

void FleetLoad::Add(const std::string& name, Work work) {
  callers_.push_back(std::make_unique<Caller>());
  Caller& caller = *callers_.back();
  caller.name = name;
  caller.thread = std::thread([this, &caller, work = std::move(work)] {
    while (!stopped_.load()) {
      const absl::Status status = work();
      // No progress: who does nothing else does not pass.
      if (!status.ok() && IsKnown(caller.name, status)) {
        ++known_failures_;
        continue;
      }
      if (!status.ok()) {
        Fail(caller.name, status);
      }
      ++caller.calls;
    }
  });
}

void FleetLoad::Fail(const std::string& who, const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  failures_.push_back(absl::StrCat(NameOf(who, status), " ", std::string(status.message())));
}

bool FleetLoad::IsKnown(const std::string& who, const absl::Status& status) const {
  const auto peer = status.GetPayload(kPeer);
  return peer.has_value() && absl::c_linear_search(known_.faults, NameOf(who, status)) &&
         fleet_.RunsFrom(known_.bin_dir, std::string(*peer));
}

void FleetLoad::AddReaders(const Fleet& fleet) {
  gateway::v1::GetMineralBriefRequest brief;
  brief.set_name("minerals/mineral-0");
  Add("brief", Repeatedly(std::make_shared<GatewayStub>(fleet.channel("gateway")), &GatewayStub::GetMineralBrief,
                          std::move(brief)));
  Add("minerals", Repeatedly(std::make_shared<RegistryStub>(fleet.channel("registry")), &RegistryStub::ListMinerals,
                             registry::v1::ListMineralsRequest()));
  risk::v1::GetScoreRequest score;
  *score.mutable_key() = MineHhi("mineral-0");
  Add("score", Repeatedly(std::make_shared<RiskStub>(fleet.channel("risk")), &RiskStub::GetScore, std::move(score)));
  Add("alerts", Repeatedly(std::make_shared<AlertingStub>(fleet.channel("alerting")), &AlertingStub::ListAlerts,
                           alerting::v1::ListAlertsRequest()));
}

void FleetLoad::AddWriter(const Fleet& fleet) {
  const auto registry = std::make_shared<RegistryStub>(fleet.channel("registry"));
  const auto risk = std::make_shared<RiskStub>(fleet.channel("risk"));
  // A write, and a read of what it has led to.
  Add("writer", [registry, risk, number = int64_t{0}]() mutable -> absl::Status {
    OREWATCH_ASSIGN_OR_RETURN(const auto written, Call(*registry, &RegistryStub::UpdateMineral, Renaming(++number)));
    risk::v1::GetScoreRequest score;
    *score.mutable_key() = MineHhi("mineral-0");
    score.set_min_revision(written.metadata().revision().number());
    return Call(*risk, &RiskStub::GetScore, score).status();
  });
}

void FleetLoad::AddWatcher(const Fleet& fleet) {
  const auto follower = std::make_shared<Follower>(fleet.channel("registry"));
  Add("watcher", [follower] { return follower->Follow(); });
}

void FleetLoad::AddAcknowledger(const Fleet& fleet) {
  const auto alerting = std::make_shared<AlertingStub>(fleet.channel("alerting"));
  alerting::v1::ListAlertsRequest firing;
  firing.set_state(alerting::v1::ALERT_STATE_FIRING);
  alerting::v1::ListAlertsResponse alerts;
  const bool found = Eventually("an alert", [&] {
    alerts = Call(*alerting, &AlertingStub::ListAlerts, firing).value_or(alerting::v1::ListAlertsResponse());
    return alerts.alerts_size() > 0;
  });
  if (!found) {
    return Fail("acknowledger", absl::NotFoundError("nothing fires"));
  }
  alert_follower_ = std::make_shared<AlertFollower>(fleet.channel("alerting"), alerts);
  Add(kAlertWatcher, [this] { return alert_follower_->Follow(); });
  alerting::v1::AcknowledgeAlertRequest request;
  request.set_name(alerts.alerts(0).name());
  Add("acknowledger", [this, alerting, request]() mutable -> absl::Status {
    request.set_request_id(absl::StrCat("acknowledge-", absl::ToUnixNanos(absl::Now())));
    OREWATCH_RETURN_IF_ERROR(Call(*alerting, &AlertingStub::AcknowledgeAlert, request).status());
    ++acknowledged_;
    return absl::OkStatus();
  });
}

void FleetLoad::AwaitAcknowledgements() {
  Eventually("every acknowledgement", [&] {
    const absl::Status status = alert_follower_->Follow();
    return (!status.ok() && !IsKnown(kAlertWatcher, status)) || alert_follower_->acknowledged() >= acknowledged_.load();
  });
  if (alert_follower_->acknowledged() != acknowledged_.load()) {
    Fail(kAlertWatcher, absl::DataLossError(absl::StrCat("of ", acknowledged_.load(), " acknowledgements ",
                                                         alert_follower_->acknowledged(), " were seen")));
  }
}

bool FleetLoad::AwaitProgress() {
  for (const auto& caller : callers_) {
    const int64_t wanted = caller->calls.load() + (absl::EndsWith(caller->name, "watcher") ? 1 : kCallsOfProgress);
    if (!Eventually(
            absl::StrCat("progress of ", caller->name), [&] { return caller->calls.load() >= wanted; },
            2 * kPatience)) {
      return false;
    }
  }
  return true;
}

void FleetLoad::Stop() {
  if (stopped_.exchange(true)) {
    return;
  }
  for (const auto& caller : callers_) {
    if (caller->thread.joinable()) {
      caller->thread.join();
    }
  }
  if (alert_follower_ != nullptr) {
    AwaitAcknowledgements();
  }
}

int64_t FleetLoad::calls() const {
  int64_t calls = 0;
  for (const auto& caller : callers_) {
    calls += caller->calls.load();
  }
  return calls;
}

std::vector<std::string> FleetLoad::failures() const {
  absl::MutexLock lock(&mutex_);
  return failures_;
}

}  // namespace orewatch::testing

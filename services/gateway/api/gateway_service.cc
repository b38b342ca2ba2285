#include "services/gateway/api/gateway_service.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "common/status/status.h"
#include "services/gateway/aggregate/mineral_brief.h"
#include "services/gateway/aggregate/overview.h"

namespace orewatch::gateway {
namespace {

constexpr absl::Duration kLongestMargin = absl::Milliseconds(100);
constexpr int kMarginShare = 10;

// Parts that come in any order, and what to do when all are there.
template <typename Parts>
class Gathering {
 public:
  Gathering(int expected, std::function<void(Parts)> complete) : missing_(expected), complete_(std::move(complete)) {}

  // A callback that files its answer under `part`.
  template <typename T>
  static Done<T> Into(const std::shared_ptr<Gathering>& self, absl::StatusOr<T> Parts::*part) {
    return [self, part](absl::StatusOr<T> answer) {
      {
        absl::MutexLock lock(&self->mutex_);
        self->parts_.*part = std::move(answer);
        if (--self->missing_ > 0) {
          return;
        }
      }
      self->complete_(std::move(self->parts_));
    };
  }

 private:
  absl::Mutex mutex_;
  int missing_;
  Parts parts_;
  std::function<void(Parts)> complete_;
};

prometheus::Family<prometheus::Counter>& PartialFamily(prometheus::Registry& metrics) {
  auto& family = prometheus::BuildCounter()
                     .Name("orewatch_gateway_partial_responses_total")
                     .Help("Answers without a section or with a part of it, by section and cause.")
                     .Register(metrics);
  for (const char* section : {"registry", "risk", "alerting"}) {
    for (const char* cause : {"timeout", "unavailable", "denied", "incomplete"}) {
      family.Add({{"section", section}, {"cause", cause}});
    }
  }
  return family;
}

void CheckImporterName(const std::string& importer, FieldViolations& violations) {
  if (!importer.empty() && !IsImporterName(importer)) {
    violations.Add("importer", "must be countries/{country} or blocs/{bloc}");
  }
}

void CheckRevision(int64_t min_revision, FieldViolations& violations) {
  if (min_revision < 0) {
    violations.Add("min_revision", "must not be negative");
  }
}

absl::Status Check(const v1::GetOverviewRequest& request) {
  FieldViolations violations;
  if (request.limit() < 0) {
    violations.Add("limit", "must not be negative");
  }
  CheckImporterName(request.importer(), violations);
  CheckRevision(request.min_revision(), violations);
  return violations.ToStatus();
}

absl::Status Check(const v1::GetMineralBriefRequest& request) {
  FieldViolations violations;
  if (!absl::StartsWith(request.name(), "minerals/")) {
    violations.Add("name", "must be minerals/{mineral}");
  }
  CheckImporterName(request.importer(), violations);
  CheckRevision(request.min_revision(), violations);
  return violations.ToStatus();
}

// Each sends as many questions as the gathering expects parts.

void AskForOverview(const v1::GetOverviewRequest& request, const std::string& importer, const Neighbours::Terms& terms,
                    Neighbours& neighbours, const std::shared_ptr<Gathering<OverviewParts>>& gathering) {
  using Parts = Gathering<OverviewParts>;
  risk::v1::ScoreKey concentration;
  concentration.set_method(risk::v1::METHOD_HHI);
  risk::v1::ScoreKey supply_risk;
  supply_risk.set_method(risk::v1::METHOD_EU_SUPPLY_RISK_2017);
  supply_risk.set_importer(importer);
  alerting::v1::ListAlertsRequest firing;
  firing.set_state(alerting::v1::ALERT_STATE_FIRING);
  if (!request.importer().empty()) {
    neighbours.FindImporter(importer, terms, Parts::Into(gathering, &OverviewParts::importer));
  }
  neighbours.ListMinerals(terms, Parts::Into(gathering, &OverviewParts::minerals));
  neighbours.ListScores(concentration, terms, Parts::Into(gathering, &OverviewParts::concentration));
  neighbours.ListScores(supply_risk, terms, Parts::Into(gathering, &OverviewParts::supply_risk));
  neighbours.ListAlerts(firing, terms, Parts::Into(gathering, &OverviewParts::firing));
}

void AskForBrief(const v1::GetMineralBriefRequest& request, const Neighbours::Terms& terms, Neighbours& neighbours,
                 const std::shared_ptr<Gathering<MineralBriefParts>>& gathering) {
  using Parts = Gathering<MineralBriefParts>;
  risk::v1::ScoreKey scores;
  scores.set_subject(request.name());
  alerting::v1::ListAlertsRequest alerts;
  alerts.set_subject(request.name());
  if (!request.importer().empty()) {
    neighbours.FindImporter(request.importer(), terms, Parts::Into(gathering, &MineralBriefParts::importer));
  }
  neighbours.GetMineral(request.name(), terms, Parts::Into(gathering, &MineralBriefParts::mineral));
  neighbours.ListScores(scores, terms, Parts::Into(gathering, &MineralBriefParts::scores));
  neighbours.ListAlerts(alerts, terms, Parts::Into(gathering, &MineralBriefParts::alerts));
}

const char* CauseOf(const v1::SectionStatus& section) {
  if (section.state() == v1::SectionStatus::STATE_DENIED) {
    return "denied";
  }
  if (section.state() == v1::SectionStatus::STATE_INCOMPLETE) {
    return "incomplete";
  }
  return section.code() == static_cast<int>(absl::StatusCode::kDeadlineExceeded) ? "timeout" : "unavailable";
}

}  // namespace

bool IsImporterName(absl::string_view name) {
  return (absl::ConsumePrefix(&name, "countries/") || absl::ConsumePrefix(&name, "blocs/")) && !name.empty();
}

GatewayService::GatewayService(const GatewayDefaults& defaults, Neighbours& neighbours, const Clock& clock,
                               prometheus::Registry& metrics)
    : defaults_(defaults),
      neighbours_(neighbours),
      clock_(clock),
      answers_(prometheus::BuildCounter()
                   .Name("orewatch_gateway_aggregated_responses_total")
                   .Help("Answers put together.")
                   .Register(metrics)
                   .Add({})),
      partial_(PartialFamily(metrics)),
      service_(v1::GetOverviewRequest::descriptor()->file()->FindServiceByName("Gateway")) {
  service_.UnaryAsync<v1::GetOverviewRequest, v1::Overview>(
      "GetOverview", [this](const auto& context, const auto& request, auto respond) {
        GetOverview(context, request, std::move(respond));
      });
  service_.UnaryAsync<v1::GetMineralBriefRequest, v1::MineralBrief>(
      "GetMineralBrief", [this](const auto& context, const auto& request, auto respond) {
        GetMineralBrief(context, request, std::move(respond));
      });
}

absl::Time GatewayService::PartsDeadline(const rpc::CallContext& context) const {
  const absl::Time now = clock_.Now();
  const absl::Duration left = std::min(context.deadline() - now, defaults_.timeout);
  return now + left - std::min(kLongestMargin, left / kMarginShare);
}

void GatewayService::Count(const std::map<std::string, const v1::SectionStatus*>& sections) {
  answers_.Increment();
  for (const auto& [name, section] : sections) {
    if (section->state() != v1::SectionStatus::STATE_FRESH) {
      partial_.Add({{"section", name}, {"cause", CauseOf(*section)}}).Increment();
    }
  }
}

void GatewayService::GetOverview(const rpc::CallContext& context, const v1::GetOverviewRequest& request,
                                 rpc::Respond<v1::Overview> respond) {
  if (absl::Status status = Check(request); !status.ok()) {
    return respond(std::move(status));
  }
  const std::string list = request.critical_list().empty() ? defaults_.critical_list : request.critical_list();
  const std::string importer = request.importer().empty() ? defaults_.importer : request.importer();
  const int parts_expected = request.importer().empty() ? 4 : 5;
  auto gathering = std::make_shared<Gathering<OverviewParts>>(parts_expected, [this, list, limit = request.limit(),
                                                                               respond = std::move(respond)](
                                                                                  OverviewParts parts) {
    auto overview = MakeOverview(list, limit, std::move(parts));
    if (overview.ok()) {
      Count({{"registry", &overview->registry()}, {"risk", &overview->risk()}, {"alerting", &overview->alerting()}});
    }
    respond(std::move(overview));
  });
  AskForOverview(request, importer, {PartsDeadline(context), request.min_revision()}, neighbours_, gathering);
}

void GatewayService::GetMineralBrief(const rpc::CallContext& context, const v1::GetMineralBriefRequest& request,
                                     rpc::Respond<v1::MineralBrief> respond) {
  if (absl::Status status = Check(request); !status.ok()) {
    return respond(std::move(status));
  }
  const int parts_expected = request.importer().empty() ? 3 : 4;
  auto gathering = std::make_shared<Gathering<MineralBriefParts>>(
      parts_expected, [this, importer = request.importer(), respond = std::move(respond)](MineralBriefParts parts) {
        auto brief = MakeMineralBrief(importer, std::move(parts));
        if (brief.ok()) {
          Count({{"registry", &brief->registry()}, {"risk", &brief->risk()}, {"alerting", &brief->alerting()}});
        }
        respond(std::move(brief));
      });
  AskForBrief(request, {PartsDeadline(context), request.min_revision()}, neighbours_, gathering);
}

}  // namespace orewatch::gateway

#include "services/risk/api/risk_service.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/seal/seal.h"
#include "common/status/status.h"
#include "services/risk/api/score_list.h"
#include "services/risk/api/score_message.h"
#include "services/risk/api/score_query.h"
#include "services/risk/api/score_source.h"
#include "services/risk/api/supplier_score.h"

namespace orewatch::risk {
namespace {

absl::Status NotLoaded() {
  return MakeError(absl::StatusCode::kUnavailable, "NOT_LOADED", "the registry has not been loaded yet");
}

absl::Status NoSuch(const char* what, const std::string& name) {
  return MakeError(absl::StatusCode::kNotFound, "NOT_FOUND", absl::StrCat("there is no ", what, " ", name),
                   {{"name", name}});
}

absl::StatusOr<ScoreQuery> KnownQueryOf(const v1::ScoreKey& key, const v1::ScoreOptions& options,
                                        const Snapshot& snapshot) {
  OREWATCH_ASSIGN_OR_RETURN(ScoreQuery query, QueryOf(key, options, snapshot.model->parameters()));
  if (!snapshot.model->KnowsSubject(query.key.subject)) {
    return NoSuch("subject", query.key.subject);
  }
  if (!query.key.importer.empty() && !snapshot.model->KnowsImporter(query.key.importer)) {
    return NoSuch("importer", query.key.importer);
  }
  return query;
}

}  // namespace

RiskService::RiskService(const RegistryFeed& feed, ScoreHistory* history, const Clock& clock)
    : feed_(feed),
      clock_(clock),
      secret_(history == nullptr ? NewSecret() : history->secret()),
      history_(history, clock),
      chains_([this] { return paging(); }),
      service_(v1::GetScoreRequest::descriptor()->file()->FindServiceByName("Risk")) {
  BindLookups();
  BindHistory();
  BindYears();
  BindList();
  BindWatch();
  BindChain<v1::ListExposuresRequest, v1::ListExposuresResponse>("ListExposures");
  BindChain<v1::ListSupplyPathsRequest, v1::ListSupplyPathsResponse>("ListSupplyPaths");
  BindChain<v1::ListFailurePointsRequest, v1::ListFailurePointsResponse>("ListFailurePoints");
  BindChain<v1::ListAlternativesRequest, v1::ListAlternativesResponse>("ListAlternatives");
  BindChain<v1::GetTimeToSurviveRequest, v1::TimeToSurvive>("GetTimeToSurvive");
  projects_.Bind(
      [this](const rpc::CallContext& context, int64_t min_revision, ProjectCalls::GotSnapshot got) {
        WithSnapshot<Snapshot>(context, min_revision, std::move(got),
                               [](const Snapshot& snapshot) -> absl::StatusOr<Snapshot> { return snapshot; });
      },
      service_);
  service_.OnDrain([this] {
    gate_.Close();
    history_.Close();
  });
}

Paging RiskService::paging() const {
  return {[this](const std::string& lineage, int64_t revision) { return feed_.Kept(lineage, revision); }, secret_,
          clock_.Now()};
}

void RiskService::OnPublished() {
  const auto current = feed_.Current();
  // Revisions of another history are other revisions, and may be fewer.
  if (current->lineage != lineage_) {
    lineage_ = current->lineage;
    gate_.Reset(current->model->revision());
  }
  gate_.Advance(current->model->revision());
  published_.NotifyAll();
}

void RiskService::AwaitSnapshot(const rpc::CallContext& context, int64_t min_revision,
                                std::function<void(const absl::StatusOr<Snapshot>&)> then) {
  auto done = [this, then = std::move(then)](const absl::StatusOr<Snapshot>& snapshot) {
    if (snapshot.ok()) {
      served_();
    }
    then(snapshot);
  };
  auto current = feed_.Current();
  if (!current.has_value()) {
    return done(NotLoaded());
  }
  if (min_revision <= current->model->revision()) {
    return done(*std::move(current));
  }
  gate_.AwaitExisting(
      context, min_revision,
      [this](const rpc::CallContext& call, auto answered) { feed_.AskHead(call, std::move(answered)); },
      [this, done = std::move(done)](const absl::Status& status) {
        done(status.ok() ? absl::StatusOr<Snapshot>(*feed_.Current()) : status);
      });
}

template <typename Response>
void RiskService::WithSnapshot(const rpc::CallContext& context, int64_t min_revision, rpc::Respond<Response> respond,
                               std::function<absl::StatusOr<Response>(const Snapshot&)> answer) {
  AwaitSnapshot(context, min_revision,
                [respond = std::move(respond), answer = std::move(answer)](const absl::StatusOr<Snapshot>& snapshot) {
                  respond(snapshot.ok() ? answer(*snapshot) : absl::StatusOr<Response>(snapshot.status()));
                });
}

void RiskService::FindScore(const rpc::CallContext& context, const v1::ScoreKey& key, const v1::ScoreOptions& options,
                            const Snapshot& snapshot, const rpc::Respond<std::shared_ptr<const Score>>& found) {
  if (IsOfSuppliers(key.method())) {
    return chains_.FindOfSupplier(context, key, options, snapshot, found);
  }
  const auto query = KnownQueryOf(key, options, snapshot);
  if (!query.ok()) {
    return found(query.status());
  }
  if (query->key.method == Method::kHhiOwnership) {
    return chains_.FindOwnership(context, query->key, snapshot, found);
  }
  found(snapshot.model->Find(query->key, query->variant));
}

void RiskService::Explain(const rpc::CallContext& context, const v1::ExplainScoreRequest& request, const Score& score,
                          const Snapshot& snapshot, const rpc::Respond<v1::ScoreExplanation>& respond) {
  v1::ScoreExplanation explanation = ExplanationOf(score, snapshot);
  if (request.since_revision() == 0) {
    return respond(std::move(explanation));
  }
  if (request.has_options()) {
    return respond(
        InvalidField("since_revision", "must be unset with options: no history is kept of what they ask for"));
  }
  history_.Changes(context, score.key, request.since_revision(), snapshot,
                   [explanation = std::move(explanation), respond](absl::StatusOr<v1::ScoreChanges> changes) mutable {
                     if (!changes.ok()) {
                       return respond(changes.status());
                     }
                     *explanation.mutable_changes() = *std::move(changes);
                     respond(std::move(explanation));
                   });
}

template <typename Request, typename Response>
void RiskService::BindChain(const std::string& method) {
  service_.UnaryAsync<Request, Response>(method, [this](const auto& context, const auto& request, auto respond) {
    AwaitSnapshot(context, request.min_revision(),
                  [this, context, request, respond = std::move(respond)](const absl::StatusOr<Snapshot>& snapshot) {
                    snapshot.ok() ? chains_.Read<Request, Response>(context, request, *snapshot, respond)
                                  : respond(snapshot.status());
                  });
  });
}

template <typename Request, typename Response>
void RiskService::BindScore(const std::string& method,
                            std::function<void(const rpc::CallContext&, const Request&, const Score&, const Snapshot&,
                                               const rpc::Respond<Response>&)>
                                answer) {
  service_.UnaryAsync<Request, Response>(
      method, [this, answer = std::move(answer)](const auto& context, const auto& request, auto respond) {
        AwaitSnapshot(context, request.min_revision(),
                      [this, context, request, answer, respond](const absl::StatusOr<Snapshot>& snapshot) {
                        if (!snapshot.ok()) {
                          return respond(snapshot.status());
                        }
                        FindScore(context, request.key(), request.options(), *snapshot,
                                  [context, request, answer, respond,
                                   snapshot = *snapshot](const absl::StatusOr<std::shared_ptr<const Score>>& score) {
                                    score.ok() ? answer(context, request, **score, snapshot, respond)
                                               : respond(score.status());
                                  });
                      });
      });
}

void RiskService::BindLookups() {
  BindScore<v1::GetScoreRequest, v1::Score>(
      "GetScore", [](const auto&, const auto&, const Score& score, const Snapshot& snapshot, const auto& respond) {
        respond(MessageOf(score, snapshot));
      });
  BindScore<v1::ExplainScoreRequest, v1::ScoreExplanation>(
      "ExplainScore", [this](const auto& context, const auto& request, const Score& score, const Snapshot& snapshot,
                             const auto& respond) { Explain(context, request, score, snapshot, respond); });
}

void RiskService::BindHistory() {
  service_.UnaryAsync<v1::ListScoreHistoryRequest, v1::ListScoreHistoryResponse>(
      "ListScoreHistory", [this](const auto& context, const auto& request, auto respond) {
        AwaitSnapshot(context, request.min_revision(),
                      [this, context, request, respond = std::move(respond)](const absl::StatusOr<Snapshot>& snapshot) {
                        snapshot.ok() ? history_.List(context, request, *snapshot, respond)
                                      : respond(snapshot.status());
                      });
      });
}

void RiskService::BindYears() {
  service_.UnaryAsync<v1::ListScoreYearsRequest, v1::ListScoreYearsResponse>(
      "ListScoreYears", [this](const auto& context, const auto& request, auto respond) {
        AwaitSnapshot(context, request.min_revision(),
                      [this, context, request, respond = std::move(respond)](const absl::StatusOr<Snapshot>& snapshot) {
                        if (!snapshot.ok()) {
                          return respond(snapshot.status());
                        }
                        const auto query = KnownQueryOf(request.key(), {}, *snapshot);
                        query.ok() ? history_.Years(context, request, query->key, *snapshot, respond)
                                   : respond(query.status());
                      });
      });
}

void RiskService::BindList() {
  service_.UnaryAsync<v1::ListScoresRequest, v1::ListScoresResponse>(
      "ListScores", [this](const auto& context, const auto& request, auto respond) {
        WithSnapshot<v1::ListScoresResponse>(
            context, request.min_revision(), std::move(respond),
            [this, principal = context.principal(), request](const Snapshot& snapshot) {
              return ListScores(request, snapshot, principal, paging());
            });
      });
}

void RiskService::BindWatch() {
  service_.ServerStream<v1::WatchScoresRequest, v1::WatchScoresResponse>(
      "WatchScores",
      [this](const rpc::CallContext&, const v1::WatchScoresRequest& request,
             rpc::Waker waker) -> absl::StatusOr<std::unique_ptr<rpc::StreamSource<v1::WatchScoresResponse>>> {
        if (request.after().number() < 0) {
          return InvalidField("after.number", "must not be negative");
        }
        return std::make_unique<ScoreSource>(feed_, request.after(), published_.Subscribe(std::move(waker)));
      });
}

}  // namespace orewatch::risk

#include "services/risk/api/risk_service.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "services/risk/api/score_message.h"
#include "services/risk/api/score_source.h"

namespace orewatch::risk {
namespace {

constexpr int kDefaultPageSize = 100;
constexpr int kMaxPageSize = 1000;

absl::Status NotLoaded() {
  return MakeError(absl::StatusCode::kUnavailable, "NOT_LOADED", "the registry has not been loaded yet");
}

absl::StatusOr<std::shared_ptr<const Score>> FindScore(const v1::ScoreKey& key, const Snapshot& snapshot) {
  if (key.method() == v1::METHOD_UNSPECIFIED) {
    return InvalidField("key.method", "must be given");
  }
  if (!snapshot.model->KnowsSubject(key.subject())) {
    return MakeError(absl::StatusCode::kNotFound, "NOT_FOUND", absl::StrCat("there is no subject ", key.subject()),
                     {{"name", key.subject()}});
  }
  const auto found = snapshot.model->scores().find(KeyOf(key));
  if (found != snapshot.model->scores().end()) {
    return found->second;
  }
  auto unset = std::make_shared<Score>();
  unset->key = KeyOf(key);
  unset->estimate.reasons = {"NO_DATA"};
  return unset;
}

bool Matches(const v1::ScoreKey& filter, const ScoreKey& key) {
  return (filter.subject().empty() || filter.subject() == key.subject) &&
         (filter.stage() == type::v1::STAGE_UNSPECIFIED || filter.stage() == key.stage) &&
         (filter.importer().empty() || filter.importer() == key.importer) &&
         (filter.method() == v1::METHOD_UNSPECIFIED || static_cast<Method>(filter.method()) == key.method);
}

// Where a listing goes on: revision, filter, and how many matches have been sent.
std::string TokenOf(const Snapshot& snapshot, const v1::ScoreKey& filter, int64_t sent) {
  return absl::WebSafeBase64Escape(
      absl::StrCat(snapshot.lineage, "\n", snapshot.model->revision(), "\n", sent, "\n", filter.SerializeAsString()));
}

// How many matches the pages before have sent.
absl::StatusOr<int64_t> ReadToken(const std::string& token, const Snapshot& snapshot, const v1::ScoreKey& filter) {
  if (token.empty()) {
    return 0;
  }
  constexpr int kParts = 4;
  std::string plain;
  int64_t sent = 0;
  if (absl::WebSafeBase64Unescape(token, &plain)) {
    const std::vector<std::string> parts = absl::StrSplit(plain, absl::MaxSplits('\n', kParts - 1));
    if (parts.size() == kParts && absl::SimpleAtoi(parts[2], &sent) && sent >= 0 &&
        token == TokenOf(snapshot, filter, sent)) {
      return sent;
    }
  }
  return InvalidField("page_token", "belongs to another query, or to a revision that is no longer the newest");
}

absl::StatusOr<v1::ListScoresResponse> ListScores(const v1::ListScoresRequest& request, const Snapshot& snapshot) {
  OREWATCH_ASSIGN_OR_RETURN(int64_t skip, ReadToken(request.page_token(), snapshot, request.filter()));
  const int size = request.page_size() == 0 ? kDefaultPageSize : std::min(request.page_size(), kMaxPageSize);
  const int64_t sent = skip + size;
  v1::ListScoresResponse response;
  *response.mutable_revision() = RevisionOf(snapshot, snapshot.model->revision());
  for (const auto& [key, score] : snapshot.model->scores()) {
    if (!Matches(request.filter(), key) || skip-- > 0) {
      continue;
    }
    if (response.scores_size() == size) {
      response.set_next_page_token(TokenOf(snapshot, request.filter(), sent));
      break;
    }
    *response.add_scores() = MessageOf(*score, snapshot);
  }
  return response;
}

}  // namespace

RiskService::RiskService(const RegistryFeed& feed)
    : feed_(feed), service_(v1::GetScoreRequest::descriptor()->file()->FindServiceByName("Risk")) {
  BindLookups();
  BindList();
  BindWatch();
}

void RiskService::OnPublished() {
  gate_.Advance(feed_.Current()->model->revision());
  published_.NotifyAll();
}

template <typename Response>
void RiskService::WithSnapshot(const rpc::CallContext& context, int64_t min_revision, rpc::Respond<Response> respond,
                               std::function<absl::StatusOr<Response>(const Snapshot&)> answer) {
  const auto current = feed_.Current();
  if (!current.has_value()) {
    return respond(NotLoaded());
  }
  if (min_revision <= current->model->revision()) {
    return respond(answer(*current));
  }
  auto parked = [this, min_revision, deadline = context.deadline(), respond = std::move(respond),
                 answer = std::move(answer)](const absl::StatusOr<int64_t>& head) {
    if (head.ok() && *head < min_revision) {
      return respond(MakeError(absl::StatusCode::kOutOfRange, "REVISION_ABOVE_HEAD",
                               absl::StrCat("revision ", min_revision, " does not exist; the head is ", *head)));
    }
    gate_.Await(min_revision, deadline, [this, respond, answer](const absl::Status& status) {
      respond(status.ok() ? answer(*feed_.Current()) : absl::StatusOr<Response>(status));
    });
  };
  feed_.AskHead(context.deadline(), std::move(parked));
}

void RiskService::BindLookups() {
  service_.UnaryAsync<v1::GetScoreRequest, v1::Score>(
      "GetScore", [this](const auto& context, const auto& request, auto respond) {
        WithSnapshot<v1::Score>(context, request.min_revision(), std::move(respond),
                                [key = request.key()](const Snapshot& snapshot) -> absl::StatusOr<v1::Score> {
                                  OREWATCH_ASSIGN_OR_RETURN(const auto score, FindScore(key, snapshot));
                                  return MessageOf(*score, snapshot);
                                });
      });
  service_.UnaryAsync<v1::ExplainScoreRequest, v1::ScoreExplanation>(
      "ExplainScore", [this](const auto& context, const auto& request, auto respond) {
        WithSnapshot<v1::ScoreExplanation>(
            context, request.min_revision(), std::move(respond),
            [key = request.key()](const Snapshot& snapshot) -> absl::StatusOr<v1::ScoreExplanation> {
              OREWATCH_ASSIGN_OR_RETURN(const auto score, FindScore(key, snapshot));
              return ExplanationOf(*score, snapshot);
            });
      });
}

void RiskService::BindList() {
  service_.UnaryAsync<v1::ListScoresRequest, v1::ListScoresResponse>(
      "ListScores", [this](const auto& context, const auto& request, auto respond) {
        WithSnapshot<v1::ListScoresResponse>(
            context, request.min_revision(), std::move(respond),
            [request](const Snapshot& snapshot) { return ListScores(request, snapshot); });
      });
}

void RiskService::BindWatch() {
  service_.ServerStream<v1::WatchScoresRequest, v1::WatchScoresResponse>(
      "WatchScores", [this](const rpc::CallContext&, const v1::WatchScoresRequest& request, rpc::Waker waker) {
        return absl::StatusOr<std::unique_ptr<rpc::StreamSource<v1::WatchScoresResponse>>>(
            std::make_unique<ScoreSource>([this] { return feed_.Current(); }, request.after(),
                                          published_.Subscribe(std::move(waker))));
      });
}

}  // namespace orewatch::risk

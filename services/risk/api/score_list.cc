#include "services/risk/api/score_list.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/match.h"
#include "common/status/status.h"
#include "services/risk/api/score_message.h"

namespace orewatch::risk {
namespace {

constexpr int kDefaultPageSize = 100;
constexpr int kMaxPageSize = 1000;
constexpr char kCountries[] = "countries/";

bool Matches(const v1::ScoreKey& filter, const ScoreKey& key) {
  return (filter.subject().empty() || filter.subject() == key.subject) &&
         (filter.stage() == type::v1::STAGE_UNSPECIFIED || filter.stage() == key.stage) &&
         (filter.importer().empty() || filter.importer() == key.importer) &&
         (filter.method() == v1::METHOD_UNSPECIFIED || static_cast<Method>(filter.method()) == key.method);
}

// What output of a country, alpha-2, went into a score of concentration; null: none did.
const Input* ProducedBy(const std::string& country, const Score& score) {
  const auto found = std::find_if(score.inputs.begin(), score.inputs.end(), [&](const Input& input) {
    return input.role == "production" && input.country == country;
  });
  return score.key.method == Method::kHhi && found != score.inputs.end() ? &*found : nullptr;
}

// Adds a score to the list, unless the producer that is asked for is none of it.
void Add(const std::string& producer, const Score& score, const Snapshot& snapshot, v1::ListScoresResponse& response) {
  if (!producer.empty()) {
    const Input* produced = ProducedBy(producer.substr(std::strlen(kCountries)), score);
    if (produced == nullptr) {
      return;
    }
    *response.add_produced() = MessageOf(*produced);
  }
  *response.add_scores() = MessageOf(score, snapshot);
}

absl::Status Check(const v1::ListScoresRequest& request) {
  if (request.page_size() < 0) {
    return InvalidField("page_size", "must not be negative");
  }
  return request.producer().empty() || absl::StartsWith(request.producer(), kCountries)
             ? absl::OkStatus()
             : InvalidField("producer", "must be countries/{country}");
}

// The first score that the pages before this one have not sent.
absl::StatusOr<Model::Scores::const_iterator> FirstOf(const Page& page) {
  const Model::Scores& scores = page.snapshot.model->scores();
  if (page.token.position.empty()) {
    return scores.begin();
  }
  v1::ScoreKey last;
  if (!last.ParseFromString(page.token.position)) {
    return InvalidField("page_token", "is no page token");
  }
  return scores.upper_bound(KeyOf(last));
}

}  // namespace

absl::StatusOr<v1::ListScoresResponse> ListScores(const v1::ListScoresRequest& request, const Snapshot& newest,
                                                  const std::string& principal, const Paging& paging) {
  OREWATCH_RETURN_IF_ERROR(Check(request));
  const std::string query = PagedQuery(request, principal);
  OREWATCH_ASSIGN_OR_RETURN(Page page, PageOf(request.page_token(), query, newest, paging));
  OREWATCH_ASSIGN_OR_RETURN(auto next, FirstOf(page));
  const Snapshot& snapshot = page.snapshot;
  const int size = request.page_size() == 0 ? kDefaultPageSize : std::min(request.page_size(), kMaxPageSize);
  v1::ListScoresResponse response;
  *response.mutable_revision() = RevisionOf(snapshot, snapshot.model->revision());
  for (; next != snapshot.model->scores().end(); ++next) {
    if (!Matches(request.filter(), next->first)) {
      continue;
    }
    if (response.scores_size() == size) {
      page.token.position = response.scores(size - 1).key().SerializeAsString();
      response.set_next_page_token(EncodePageToken(page.token, query, paging.secret));
      break;
    }
    Add(request.producer(), *next->second, snapshot, response);
  }
  return response;
}

}  // namespace orewatch::risk

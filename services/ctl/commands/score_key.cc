#include "services/ctl/commands/score_key.h"

#include <memory>

#include "absl/strings/match.h"
#include "common/status/status.h"
#include "services/ctl/client/kinds.h"

namespace orewatch::ctl {

using ::google::protobuf::Message;
using risk::v1::ListScoresResponse;
using risk::v1::ScoreKey;

absl::StatusOr<ListScoresResponse> AllScores(const Client& client, const ScoreKey& filter) {
  OREWATCH_ASSIGN_OR_RETURN(const Kind* kind, FindKind("scores"));
  OREWATCH_ASSIGN_OR_RETURN(const std::unique_ptr<Message> response, ListAll(client, *kind, [&](Message& request) {
                              *static_cast<risk::v1::ListScoresRequest&>(request).mutable_filter() = filter;
                            }));
  return static_cast<const ListScoresResponse&>(*response);
}

bool IsOfSuppliers(const ScoreKey& key) { return absl::StartsWith(key.subject(), "suppliers/"); }

absl::Status CompleteKey(const Client& client, ScoreKey& key) {
  if (IsOfSuppliers(key)) {
    if (key.method() == risk::v1::METHOD_UNSPECIFIED) {
      key.set_method(risk::v1::METHOD_OREWATCH_SUPPLIER_2026);
    }
    return absl::OkStatus();
  }
  const bool country = absl::StartsWith(key.subject(), "countries/");
  if (key.method() == risk::v1::METHOD_UNSPECIFIED) {
    key.set_method(country ? risk::v1::METHOD_COUNTRY_GOVERNANCE : risk::v1::METHOD_HHI);
  }
  if (country || key.method() == risk::v1::METHOD_STOCK_COVER ||
      key.method() == risk::v1::METHOD_EU_ECONOMIC_IMPORTANCE_2017 || key.stage() != type::v1::STAGE_UNSPECIFIED) {
    return absl::OkStatus();
  }
  ScoreKey filter;
  filter.set_subject(key.subject());
  filter.set_method(risk::v1::METHOD_HHI);
  OREWATCH_ASSIGN_OR_RETURN(const ListScoresResponse scores, AllScores(client, filter));
  for (const risk::v1::Score& score : scores.scores()) {
    if (score.bottleneck() || scores.scores_size() == 1) {
      key.set_stage(score.key().stage());
      return absl::OkStatus();
    }
  }
  return MakeError(absl::StatusCode::kNotFound, "NO_BOTTLENECK",
                   "no stage of the mineral is known to be the worst; name one with --stage");
}

}  // namespace orewatch::ctl

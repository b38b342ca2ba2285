#include "services/risk/api/chain_reader.h"

#include <utility>

#include "common/status/status.h"
#include "services/risk/domain/ownership_concentration.h"

namespace orewatch::risk {
namespace {

constexpr int kThreads = 2;

}  // namespace

ChainReader::ChainReader(const RegistryFeed& feed, const Clock& clock, std::string secret)
    : feed_(feed), clock_(clock), secret_(std::move(secret)), executor_(kThreads, kMaxQueuedAnswers) {}

void ChainReader::FindOfSupplier(const rpc::CallContext& context, const v1::ScoreKey& key,
                                 const v1::ScoreOptions& options, const Snapshot& snapshot,
                                 const rpc::Respond<std::shared_ptr<const Score>>& respond) {
  using Found = std::shared_ptr<const Score>;
  AnswerOn<Found>(executor_, context, respond, [context, key, options, snapshot]() -> absl::StatusOr<Found> {
    auto score = SupplierScoreOf(key, options, snapshot, AskerOf(context));
    OREWATCH_RETURN_IF_ERROR(rpc::StillWanted(context));
    OREWATCH_RETURN_IF_ERROR(score.status());
    return std::make_shared<const Score>(*std::move(score));
  });
}

void ChainReader::FindOwnership(const rpc::CallContext& context, const ScoreKey& key, const Snapshot& snapshot,
                                const rpc::Respond<std::shared_ptr<const Score>>& respond) {
  using Found = std::shared_ptr<const Score>;
  AnswerOn<Found>(executor_, context, respond, [context, key, snapshot]() -> absl::StatusOr<Found> {
    const SeriesView view(snapshot.model->world(), {key.subject, key.stage});
    Score score = OwnershipConcentration(view, snapshot.chain, [context] { return rpc::StillWanted(context).ok(); });
    const absl::Status wanted = rpc::StillWanted(context);
    return wanted.ok() ? absl::StatusOr<Found>(snapshot.model->Finished(std::move(score))) : wanted;
  });
}

absl::StatusOr<v1::ListExposuresResponse> ChainReader::AnswerTo(const v1::ListExposuresRequest& request,
                                                                const Snapshot& newest, const Asker& asker) {
  const Paging paging{[this](const std::string& lineage, int64_t revision) { return feed_.Kept(lineage, revision); },
                      secret_, clock_.Now()};
  return Answer(request, newest, asker, paging);
}

}  // namespace orewatch::risk

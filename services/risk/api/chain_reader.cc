#include "services/risk/api/chain_reader.h"

#include <utility>

namespace orewatch::risk {
namespace {

constexpr int kThreads = 2;

}  // namespace

ChainReader::ChainReader(const RegistryFeed& feed, const Clock& clock, std::string secret)
    : feed_(feed), clock_(clock), secret_(std::move(secret)), executor_(kThreads, kMaxQueuedAnswers) {}

absl::StatusOr<v1::ListExposuresResponse> ChainReader::AnswerTo(const v1::ListExposuresRequest& request,
                                                                const Snapshot& newest, const Asker& asker) {
  const Paging paging{[this](const std::string& lineage, int64_t revision) { return feed_.Kept(lineage, revision); },
                      secret_, clock_.Now()};
  return Answer(request, newest, asker, paging);
}

}  // namespace orewatch::risk

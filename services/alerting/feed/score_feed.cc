#include "services/alerting/feed/score_feed.h"

#include <chrono>
#include <optional>
#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"
#include "services/alerting/feed/score_stager.h"

namespace orewatch::alerting {
namespace {

constexpr auto kProbeDeadline = std::chrono::seconds(2);

absl::Status FromGrpc(const grpc::Status& status) {
  return {static_cast<absl::StatusCode>(status.error_code()), status.error_message()};
}

// The stream cannot start there, however often it is tried.
bool AsksForReload(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsOutOfRange(status);
}

}  // namespace

ScoreFeed::ScoreFeed(const std::shared_ptr<grpc::Channel>& risk, AlertEngine& engine)
    : stub_(risk::v1::Risk::NewStub(risk)),
      engine_(engine),
      thread_("scores", [this](grpc::ClientContext& context) { return FollowOnce(context); }) {}

absl::Status ScoreFeed::FollowOnce(grpc::ClientContext& context) {
  const Revision after = std::exchange(reload_, false) ? Revision{} : engine_.view().position().applied;
  risk::v1::WatchScoresRequest request;
  request.mutable_after()->set_lineage(after.lineage);
  request.mutable_after()->set_number(after.number);
  const auto reader = stub_->WatchScores(&context, request);
  absl::Status status = ReadAll(after, *reader);
  if (!status.ok()) {
    context.TryCancel();
  }
  const absl::Status ended = FromGrpc(reader->Finish());
  if (status.ok()) {
    status = ended;
  }
  if (AsksForReload(status) && after.number > 0) {
    log::Warning("scores are loaded again from the beginning", {{"status", status.ToString()}});
    reload_ = true;
  }
  if (absl::Status quiet = engine_.SetInputLive(false); !quiet.ok()) {
    return quiet;
  }
  return status;
}

absl::Status ScoreFeed::ReadAll(const Revision& after,
                                grpc::ClientReaderInterface<risk::v1::WatchScoresResponse>& reader) {
  const Revision applied = engine_.view().position().applied;
  // Nothing is sent on a stream on which nothing changes: whether it lives must be asked.
  if (after.number > 0 && NothingNewer(applied)) {
    OREWATCH_RETURN_IF_ERROR(engine_.SetInputLive(true));
  }
  ScoreStager stager(after, applied);
  risk::v1::WatchScoresResponse message;
  while (reader.Read(&message)) {
    thread_.NoteProgress();
    OREWATCH_ASSIGN_OR_RETURN(const std::optional<ScoreBatch> batch, stager.Receive(message));
    if (batch.has_value()) {
      OREWATCH_RETURN_IF_ERROR(engine_.ApplyScores(*batch));
    }
  }
  return absl::OkStatus();
}

bool ScoreFeed::NothingNewer(const Revision& applied) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kProbeDeadline);
  risk::v1::ListScoresRequest request;
  request.set_page_size(1);
  risk::v1::ListScoresResponse response;
  return stub_->ListScores(&context, request, &response).ok() && response.revision().lineage() == applied.lineage &&
         response.revision().number() <= applied.number;
}

}  // namespace orewatch::alerting

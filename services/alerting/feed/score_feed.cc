#include "services/alerting/feed/score_feed.h"

#include <optional>

#include "common/rpc/grpc_status.h"
#include "common/status/status.h"
#include "services/alerting/feed/score_stager.h"

namespace orewatch::alerting {

ScoreFeed::ScoreFeed(const std::shared_ptr<grpc::Channel>& risk, AlertEngine& engine)
    : stub_(risk::v1::Risk::NewStub(risk)),
      engine_(engine),
      thread_("scores", [this](grpc::ClientContext& context) { return FollowOnce(context); }) {}

absl::Status ScoreFeed::FollowOnce(grpc::ClientContext& context) {
  const auto reader = stub_->WatchScores(&context, risk::v1::WatchScoresRequest());
  absl::Status status = ReadAll(*reader);
  if (!status.ok()) {
    context.TryCancel();
  }
  const absl::Status ended = rpc::FromGrpc(reader->Finish());
  if (status.ok()) {
    status = ended;
  }
  status.Update(engine_.InputLost());
  return status;
}

absl::Status ScoreFeed::ReadAll(grpc::ClientReaderInterface<risk::v1::WatchScoresResponse>& reader) {
  ScoreStager stager(engine_.view().position().applied);
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

}  // namespace orewatch::alerting

#include "services/risk/api/score_source.h"

#include "services/risk/api/score_message.h"

namespace orewatch::risk {
namespace {

constexpr int kScoresPerMessage = 500;

}  // namespace

void ScoreSource::Begin(Snapshot snapshot) {
  // A number of another history means nothing here: everything is sent.
  if (after_.lineage() != snapshot.lineage) {
    after_.set_number(0);
    after_.set_lineage(snapshot.lineage);
  }
  sending_ = std::move(snapshot);
  next_ = sending_->model->scores().begin();
}

absl::StatusOr<rpc::Poll> ScoreSource::Next(v1::WatchScoresResponse& out) {
  if (!sending_.has_value()) {
    auto current = current_();
    if (!current.has_value() ||
        (current->lineage == after_.lineage() && current->model->revision() <= after_.number())) {
      return rpc::Poll::kWait;
    }
    Begin(*std::move(current));
  }
  out.Clear();
  const auto& scores = sending_->model->scores();
  for (; next_ != scores.end() && out.scores_size() < kScoresPerMessage; ++next_) {
    if (next_->second->changed_revision > after_.number()) {
      *out.add_scores() = MessageOf(*next_->second, *sending_);
    }
  }
  if (next_ == scores.end()) {
    for (const auto& [key, revision] : sending_->model->removed()) {
      if (revision > after_.number()) {
        *out.add_removed() = MessageOf(key);
      }
    }
    after_ = RevisionOf(*sending_, sending_->model->revision());
    *out.mutable_bookmark() = after_;
    sending_.reset();
  }
  return rpc::Poll::kMessage;
}

}  // namespace orewatch::risk

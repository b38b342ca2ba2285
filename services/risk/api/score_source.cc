#include "services/risk/api/score_source.h"

#include "common/time/proto_time.h"
#include "services/risk/api/score_message.h"

namespace orewatch::risk {
namespace {

constexpr int kScoresPerMessage = 500;

}  // namespace

void ScoreSource::Begin(Snapshot snapshot) {
  const Model& model = *snapshot.model;
  const bool same_history = after_.lineage() == snapshot.lineage;
  complete_ = !same_history || after_.number() == 0 || after_.number() < model.first_revision();
  if (complete_) {
    for (const auto& [key, score] : model.scores()) {
      pending_.push_back(key);
    }
  } else if (model.revision() == after_.number() + 1) {
    pending_.assign(model.touched().begin(), model.touched().end());
  } else {
    for (const auto& [key, score] : model.scores()) {
      if (score->changed_revision > after_.number()) {
        pending_.push_back(key);
      }
    }
    for (const auto& [key, revision] : model.removed()) {
      if (revision > after_.number()) {
        pending_.push_back(key);
      }
    }
  }
  sending_ = std::move(snapshot);
}

void ScoreSource::Add(const ScoreKey& key, v1::WatchScoresResponse& out) const {
  const auto& scores = sending_->model->scores();
  if (const auto found = scores.find(key); found != scores.end()) {
    *out.add_scores() = MessageOf(*found->second, *sending_);
  } else {
    *out.add_removed() = MessageOf(key);
  }
}

absl::StatusOr<rpc::Poll> ScoreSource::Next(v1::WatchScoresResponse& out) {
  if (!sending_.has_value()) {
    auto current = feed_.Current();
    if (!current.has_value() ||
        (current->lineage == after_.lineage() && current->model->revision() <= after_.number())) {
      return rpc::Poll::kWait;
    }
    auto next = feed_.Kept(after_.lineage(), after_.number() + 1);
    Begin(next.has_value() ? *std::move(next) : *std::move(current));
  }
  out.Clear();
  commit_time_ = absl::InfinitePast();
  for (; !pending_.empty() && out.scores_size() + out.removed_size() < kScoresPerMessage; pending_.pop_front()) {
    Add(pending_.front(), out);
  }
  if (pending_.empty()) {
    after_ = RevisionOf(*sending_, sending_->model->revision());
    *out.mutable_bookmark() = after_;
    *out.mutable_commit_time() = ToProto(sending_->commit_time);
    out.set_complete(complete_);
    commit_time_ = sending_->commit_time;
    sending_.reset();
  }
  return rpc::Poll::kMessage;
}

}  // namespace orewatch::risk

#include "services/gateway/client/caching_backend.h"

#include <utility>

namespace orewatch::gateway {

bool CachingBackend::IsFresh(const CachedReply& cached, const Question& question, const Position& known,
                             absl::Time now) const {
  return known.stamp != 0 && cached.stamp == known.stamp && now - cached.as_of <= limits_.fresh_for &&
         cached.revision >= question.min_revision;
}

void CachingBackend::Ask(const QuestionPtr& question, Answered answered) {
  const absl::Time now = dependencies_.clock.Now();
  // Before it is asked: what it says later is of this position or of a later one.
  const Position known = dependencies_.position.Get(now);
  std::string key = KeyOf(*question);
  const auto cached = dependencies_.cache.Find(key);
  if (cached != nullptr && IsFresh(*cached, *question, known, now)) {
    dependencies_.metrics.cache_hits.Increment();
    return answered(Reply{cached->message, absl::OkStatus(), cached->as_of, /*current=*/true});
  }
  dependencies_.metrics.cache_misses.Increment();
  dependencies_.next.Ask(
      question, [this, question, key = std::move(key), known, now, answered = std::move(answered)](
                    absl::StatusOr<Reply> reply) { answered(Note(*question, key, known, now, std::move(reply))); });
}

absl::StatusOr<Reply> CachingBackend::Note(const Question& question, const std::string& key, const Position& known,
                                           absl::Time asked, absl::StatusOr<Reply> reply) const {
  if (!reply.ok()) {
    if (IsUnanswered(reply.status())) {
      return StaleOr(question, key, reply.status());
    }
    // It may be gone, or out of the caller's sight.
    if (IsRefusal(reply.status())) {
      dependencies_.cache.Erase(key);
    }
    return reply;
  }
  const Marks marks = question.marks_of(*reply->message);
  // A replica may be behind the one that is followed.
  reply->current = known.stamp != 0 && marks.position >= known.number;
  reply->as_of = asked;
  auto cached = std::make_shared<CachedReply>(
      CachedReply{reply->message, reply->current ? known.stamp : 0, marks.revision, asked});
  dependencies_.cache.Put(key, std::move(cached), reply->message->SpaceUsedLong());
  return reply;
}

absl::StatusOr<Reply> CachingBackend::StaleOr(const Question& question, const std::string& key,
                                              const absl::Status& outage) const {
  const auto cached = dependencies_.cache.Find(key);
  if (cached == nullptr || dependencies_.clock.Now() - cached->as_of > limits_.stale_for ||
      cached->revision < question.min_revision) {
    return outage;
  }
  dependencies_.metrics.cache_stale.Increment();
  return Reply{cached->message, outage, cached->as_of, /*current=*/false};
}

}  // namespace orewatch::gateway

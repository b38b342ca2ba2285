#include "services/gateway/client/caching_backend.h"

#include <atomic>
#include <utility>

#include "common/status/status.h"

namespace orewatch::gateway {

struct CachingBackend::Race {
  // False if it has been taken. What is not needed any more must not wait for the slower one.
  bool Take(Answered& out) {
    if (taken.exchange(true)) {
      return false;
    }
    out = std::move(answered);
    return true;
  }
  std::atomic<bool> taken{false};
  Answered answered;
};

bool CachingBackend::IsFresh(const CachedReply& cached, const Question& question, const Position& known,
                             absl::Time now) const {
  return known.stamp != 0 && cached.stamp == known.stamp && now - cached.as_of <= limits_.fresh_for &&
         cached.revision >= question.min_revision;
}

Reply CachingBackend::Told(const CachedReply& cached, const absl::Status& instead_of, bool current) const {
  return {cached.message, instead_of, dependencies_.clock.OnTheWall(cached.as_of), current};
}

void CachingBackend::Ask(const QuestionPtr& question, Answered answered) {
  const absl::Time now = dependencies_.clock.Now();
  // Before it is asked: what it says later is of this position or of a later one.
  const Position known = dependencies_.position.Get(now);
  std::string key = KeyOf(*question);
  const auto cached = dependencies_.cache.Find(key);
  if (cached != nullptr && IsFresh(*cached, *question, known, now)) {
    dependencies_.metrics.cache_hits.Increment();
    return answered(Told(*cached, absl::OkStatus(), /*current=*/true));
  }
  dependencies_.metrics.cache_misses.Increment();
  if (cached != nullptr && MayTellStale(*cached, *question, now)) {
    answered = Hurry(question, cached, now, std::move(answered));
  }
  dependencies_.next.Ask(
      question, [this, question, key = std::move(key), known, now, answered = std::move(answered)](
                    absl::StatusOr<Reply> reply) { answered(Note(*question, key, known, now, std::move(reply))); });
}

Answered CachingBackend::Hurry(const QuestionPtr& question, const std::shared_ptr<const CachedReply>& cached,
                               absl::Time now, Answered answered) const {
  auto race = std::make_shared<Race>();
  race->answered = std::move(answered);
  dependencies_.timers.After(
      (question->deadline - now) * limits_.patience, [this, race, weak = std::weak_ptr<const CachedReply>(cached)] {
        const auto stale = weak.lock();
        Answered waiting;
        // One that was driven out meanwhile is not told.
        if (stale == nullptr || !race->Take(waiting)) {
          return;
        }
        // Somebody waits for it: this is there.
        dependencies_.metrics.cache_stale.Increment();
        waiting(Told(*stale,
                     MakeError(absl::StatusCode::kDeadlineExceeded, "NEIGHBOUR_TOO_SLOW", "the service takes its time"),
                     /*current=*/false));
      });
  return [race](absl::StatusOr<Reply> reply) {
    if (Answered waiting; race->Take(waiting)) {
      waiting(std::move(reply));
    }
  };
}

bool CachingBackend::MayTellStale(const CachedReply& cached, const Question& question, absl::Time now) const {
  return now - cached.as_of <= limits_.stale_for && cached.revision >= question.min_revision;
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
  reply->as_of = dependencies_.clock.OnTheWall(asked);
  auto cached = std::make_shared<CachedReply>(
      CachedReply{reply->message, reply->current ? known.stamp : 0, marks.revision, asked});
  dependencies_.cache.Put(key, std::move(cached), reply->message->SpaceUsedLong());
  return reply;
}

absl::StatusOr<Reply> CachingBackend::StaleOr(const Question& question, const std::string& key,
                                              const absl::Status& outage) const {
  const auto cached = dependencies_.cache.Find(key);
  if (cached == nullptr || !MayTellStale(*cached, question, dependencies_.clock.Now())) {
    return outage;
  }
  dependencies_.metrics.cache_stale.Increment();
  return Told(*cached, outage, /*current=*/false);
}

}  // namespace orewatch::gateway

// What is read from outside again and again, and kept as long as nothing better comes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/auth/auth_metrics.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "common/time/clock.h"

namespace orewatch::auth {

struct KeepOptions {
  // For logs.
  std::string name = {};
  absl::Duration interval = absl::Seconds(1);
  // After an attempt that failed.
  absl::Duration retry_interval = absl::Seconds(1);
  // Between an attempt and one that somebody wants sooner than the interval.
  absl::Duration early_interval = absl::Seconds(1);
  // What could not be read again for so long is not believed any more.
  absl::Duration max_age = absl::InfiniteDuration();
  // Of a file that people write: what is new is taken when two readings one after the other found it, since what was
  // read in between is half of it; and one that has become empty is no news, but a mishap.
  bool settle = false;
};

// A `T` parsed from text. Thread-safe; Refresh is for one thread at a time. Whoever owns it calls Refresh when it is
// due (refresher.h).
template <typename T>
class Kept {
 public:
  using Fetch = std::function<absl::StatusOr<std::string>()>;
  using Parse = std::function<absl::StatusOr<T>(const std::string& text)>;

  // The value, and a number that changes with it. Null: there was never one, or it is too old.
  struct Snapshot {
    std::shared_ptr<const T> value;
    int64_t generation = 0;
  };

  Kept(KeepOptions options, const Clock& clock, const SourceMetrics& metrics, Fetch fetch, Parse parse)
      : options_(std::move(options)),
        clock_(clock),
        metrics_(metrics),
        fetch_(std::move(fetch)),
        parse_(std::move(parse)) {}

  // Reads it now. An error leaves what was there. What has yet to settle is no error, and changes nothing.
  absl::Status Refresh() {
    absl::StatusOr<std::string> text = Settled(fetch_());
    if (!text.ok() && absl::IsAborted(text.status())) {
      absl::MutexLock lock(&mutex_);
      attempted_ = clock_.Now();
      return last_;
    }
    absl::StatusOr<T> fresh = absl::UnknownError("");
    const bool same = text.ok() && *text == text_ && !text_.empty();
    if (text.ok() && !same) {
      fresh = parse_(*text);
    } else if (!text.ok()) {
      fresh = text.status();
    }
    absl::Status status = same ? absl::OkStatus() : fresh.status();
    Note(status);
    absl::MutexLock lock(&mutex_);
    attempted_ = clock_.Now();
    wanted_ = false;
    failed_ = !status.ok();
    last_ = status;
    if (status.ok()) {
      read_ = attempted_;
      metrics_.read_seconds->Set(absl::ToDoubleSeconds(read_ - absl::UnixEpoch()));
      if (!same) {
        text_ = *std::move(text);
        snapshot_ = {std::make_shared<const T>(*std::move(fresh)), snapshot_.generation + 1};
      }
    }
    return status;
  }

  Snapshot Current() const {
    absl::MutexLock lock(&mutex_);
    return clock_.Now() - read_ > options_.max_age ? Snapshot() : snapshot_;
  }

  // What is there does not do: it is read again before its time. True if that was news.
  bool WantSooner() {
    absl::MutexLock lock(&mutex_);
    return !std::exchange(wanted_, true);
  }

  absl::Time DueAt() const {
    absl::MutexLock lock(&mutex_);
    const absl::Duration regular = failed_ ? options_.retry_interval : options_.interval;
    return attempted_ + (wanted_ ? std::min(regular, options_.early_interval) : regular);
  }

 private:
  // ABORTED: it must be seen once more.
  absl::StatusOr<std::string> Settled(absl::StatusOr<std::string> text) {
    if (!options_.settle || !text.ok() || text_.empty()) {
      seen_.clear();
      return text;
    }
    if (absl::StripAsciiWhitespace(*text).empty()) {
      seen_.clear();
      return MakeError(absl::StatusCode::kUnavailable, "FILE_EMPTY", "it has become empty");
    }
    const bool held = *text == text_;
    const bool settled = *text == seen_;
    seen_ = *text;
    if (held || settled) {
      return text;
    }
    return absl::AbortedError("");
  }

  void Note(const absl::Status& status) {
    (status.ok() ? metrics_.succeeded : metrics_.failed)->Increment();
    metrics_.successful->Set(status.ok() ? 1 : 0);
    // One line for each change: an attempt may come every second. Of the first its caller tells.
    const bool first = std::exchange(first_, false);
    if (const std::string problem(status.message()); problem != problem_) {
      problem_ = problem;
      if (first) {
        return;
      }
      if (status.ok()) {
        log::Info("read again", {{"what", options_.name}});
      } else {
        log::Error("cannot be read; what was there before stays", {{"what", options_.name}, {"problem", problem}});
      }
    }
  }

  const KeepOptions options_;
  const Clock& clock_;
  const SourceMetrics metrics_;
  const Fetch fetch_;
  const Parse parse_;
  // Of Refresh alone.
  std::string text_;
  // What the last reading found, of what settles.
  std::string seen_;
  absl::Status last_;
  std::string problem_;
  bool first_ = true;
  mutable absl::Mutex mutex_;
  Snapshot snapshot_ ABSL_GUARDED_BY(mutex_);
  absl::Time attempted_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Time read_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  bool wanted_ ABSL_GUARDED_BY(mutex_) = false;
  bool failed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace orewatch::auth

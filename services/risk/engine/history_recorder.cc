#include "services/risk/engine/history_recorder.h"

#include <utility>

#include "common/log/log.h"

namespace orewatch::risk {

HistoryRecorder::HistoryRecorder(HistoryWriter& writer, Options options,
                                 std::function<std::optional<Snapshot>()> current,
                                 std::function<void(const RecorderState&)> observe)
    : writer_(writer), options_(options), current_(std::move(current)), observe_(std::move(observe)), thread_([this] {
        RunUntilStopped();
      }) {}

void HistoryRecorder::Offer(Snapshot snapshot) {
  Keep(std::move(snapshot));
  sleeper_.Wake();
}

void HistoryRecorder::Keep(Snapshot snapshot) {
  absl::MutexLock lock(&mutex_);
  if (!waiting_.empty() && waiting_.back().lineage != snapshot.lineage) {
    waiting_.clear();
  }
  if (waiting_.size() == kMaxWaiting) {
    waiting_.pop_back();
  }
  waiting_.push_back(std::move(snapshot));
}

void HistoryRecorder::Stop() {
  sleeper_.Stop();
  if (thread_.joinable()) {
    thread_.join();
    writer_.GiveUpLease();
  }
}

std::optional<Snapshot> HistoryRecorder::Next(bool& more) {
  absl::MutexLock lock(&mutex_);
  if (waiting_.empty()) {
    more = false;
    return std::nullopt;
  }
  Snapshot next = std::move(waiting_.front());
  waiting_.pop_front();
  more = !waiting_.empty();
  if (more) {
    sleeper_.Wake();
  }
  return next;
}

void HistoryRecorder::Drop() {
  absl::MutexLock lock(&mutex_);
  waiting_.clear();
}

absl::Status HistoryRecorder::RecordNext() {
  bool more = false;
  std::optional<Snapshot> next = Next(more);
  if (!next.has_value()) {
    next = current_();
  }
  return next.has_value() && writer_.Lacks(*next) ? writer_.Record(*next, more) : absl::OkStatus();
}

void HistoryRecorder::LogTurn(const absl::Status& status) {
  if (status.ok() == failing_) {
    failing_ = !status.ok();
    failing_ ? log::Warning("score history cannot be recorded", {{"status", status.ToString()}})
             : log::Info("score history is recorded again", {});
  }
}

bool HistoryRecorder::Step() {
  absl::Status status = writer_.KeepLease();
  if (status.ok() && writer_.leading()) {
    status = RecordNext();
  } else {
    // Whoever takes the lease begins with the newest.
    Drop();
    status.Update(writer_.LookAtPosition());
  }
  if (!status.ok()) {
    Drop();
  }
  LogTurn(status);
  const bool at_once = status.ok() && writer_.leading();
  observe_({writer_.leading(), writer_.position(), std::move(status)});
  return at_once;
}

void HistoryRecorder::RunUntilStopped() {
  bool goes_on = true;
  while (goes_on) {
    const bool at_once = Step();
    goes_on = at_once ? sleeper_.SleepFor(options_.poll) : sleeper_.SleepThrough(options_.poll);
  }
}

}  // namespace orewatch::risk

#include "services/alerting/api/alert_source.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/alerting/api/converters.h"

namespace orewatch::alerting {
namespace {

constexpr int64_t kPageSize = 100;
// A turn ends after so many entries that the reader may not see; the next one goes on.
constexpr int kMaxPagesOfATurn = 20;

absl::Status SomeDroppedAfter(int64_t sequence) {
  return MakeError(absl::StatusCode::kOutOfRange, "SEQUENCE_DROPPED",
                   absl::StrCat("some events after ", sequence, " are kept no longer; list again"),
                   {{"sequence", absl::StrCat(sequence)}});
}

}  // namespace

AlertSource::AlertSource(AlertEngine& engine, std::string principal, int64_t after, const rpc::Waker& waker)
    : engine_(engine),
      principal_(std::move(principal)),
      lineage_(engine.identity().lineage),
      goes_on_(after > 0),
      passed_(after),
      bookmarked_(after),
      waker_(waker),
      subscription_(engine.transitions().Subscribe(waker)) {}

absl::StatusOr<rpc::Poll> AlertSource::Next(v1::WatchAlertsResponse& out) {
  if (engine_.identity().lineage != lineage_) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "LINEAGE_CHANGED",
                     "the store has been restored: its sequence numbers are of another history; list again",
                     {{"lineage", engine_.identity().lineage}});
  }
  for (int pages = 0; pages < kMaxPagesOfATurn;) {
    if (page_.empty()) {
      OREWATCH_ASSIGN_OR_RETURN(const bool more, Fill(engine_.view().position()));
      ++pages;
      if (!more) {
        return Bookmark(out);
      }
    }
    const TimelineEntry entry = std::move(page_.front());
    page_.pop_front();
    // Numbers are dense.
    if (goes_on_ && entry.after.sequence != passed_ + 1) {
      return SomeDroppedAfter(passed_);
    }
    passed_ = entry.after.sequence;
    if (Show(entry, out)) {
      return rpc::Poll::kMessage;
    }
  }
  waker_();
  return rpc::Poll::kWait;
}

absl::StatusOr<bool> AlertSource::Fill(const Position& position) {
  if (passed_ >= position.sequence) {
    return false;
  }
  OREWATCH_ASSIGN_OR_RETURN(std::vector<TimelineEntry> page, engine_.store().TransitionsAfter(passed_, kPageSize));
  page_.assign(std::make_move_iterator(page.begin()), std::make_move_iterator(page.end()));
  if (goes_on_ && page_.empty()) {
    return SomeDroppedAfter(passed_);
  }
  return !page_.empty();
}

bool AlertSource::Show(const TimelineEntry& entry, v1::WatchAlertsResponse& out) const {
  Position position;
  // Who may see it is decided by how things are now, what it says by how they were.
  const std::optional<RuledAlert> now = engine_.view().FindAlert(entry.after.Id(), position);
  if (!(now.has_value() ? now->alert : entry.after).VisibleTo(principal_)) {
    return false;
  }
  *out.mutable_alert() = ToProto({.alert = entry.after, .rule = now.has_value() ? now->rule : std::nullopt}, position);
  *out.mutable_event() = ToProto(entry);
  return true;
}

rpc::Poll AlertSource::Bookmark(v1::WatchAlertsResponse& out) {
  if (bookmarked_ == passed_) {
    return rpc::Poll::kWait;
  }
  bookmarked_ = passed_;
  out.mutable_bookmark()->set_lineage(lineage_);
  out.mutable_bookmark()->set_sequence(passed_);
  return rpc::Poll::kMessage;
}

}  // namespace orewatch::alerting

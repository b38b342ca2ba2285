#include "common/app/database_watch.h"

#include <algorithm>

#include "common/log/log.h"
#include "common/status/status.h"

namespace orewatch::app {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(250);
// A fail-over takes seconds: whoever looks seldom adds as much to it.
constexpr absl::Duration kLongestPause = absl::Seconds(2);

}  // namespace

absl::Duration DatabaseWatch::Silence() const {
  const int64_t answered = answered_.load();
  if (answered == 0) {
    return absl::ZeroDuration();
  }
  const std::chrono::steady_clock::duration silence(std::max<int64_t>(0, Now() - answered));
  return absl::FromChrono(silence);
}

bool DatabaseWatch::MayMend(const absl::Status& status) {
  return absl::IsUnavailable(status) && ErrorReason(status) != "STORAGE_REFUSED";
}

void DatabaseWatch::Begin() {
  awaited_ = &prometheus::BuildGauge()
                  .Name("orewatch_db_awaited")
                  .Help("1 while the process cannot begin to serve because its database is away.")
                  .Register(metrics_)
                  .Add({});
  next_pause_ = kFirstPause;
  told_ = false;
}

absl::Status DatabaseWatch::WaitAfter(const absl::Status& status) {
  awaited_->Set(1);
  // Once, and not with every attempt.
  if (!told_) {
    told_ = true;
    log::Warning("waiting for the database", {{"text", std::string(status.message())}});
  }
  if (!pause_(next_pause_)) {
    return absl::CancelledError("told to end while the database was away");
  }
  next_pause_ = std::min(2 * next_pause_, kLongestPause);
  return absl::OkStatus();
}

void DatabaseWatch::End(const absl::Status& status) {
  awaited_->Set(0);
  if (told_ && status.ok()) {
    log::Info("the database is there");
  }
}

}  // namespace orewatch::app

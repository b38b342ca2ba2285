#include "services/ctl/client/progress.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace orewatch::ctl {
namespace {

constexpr int64_t kBarWidth = 30;
constexpr int64_t kPercent = 100;
constexpr absl::Duration kRedraw = absl::Milliseconds(100);
constexpr absl::string_view kClearLine = "\r\033[K";

}  // namespace

std::string ProgressText(absl::string_view verb, int64_t done, int64_t total) {
  if (total <= 0) {
    return absl::StrCat(verb, " ", done, " rows");
  }
  const int64_t bounded = std::min(done, total);
  const auto filled = static_cast<size_t>(bounded * kBarWidth / total);
  return absl::StrFormat("%s [%s%s] %3d%% %d/%d rows", verb, std::string(filled, '#'),
                         std::string(static_cast<size_t>(kBarWidth) - filled, '.'), bounded * kPercent / total, done,
                         total);
}

Progress::Progress(std::ostream& terminal, bool shown, absl::string_view verb, int64_t total)
    : terminal_(terminal), shown_(shown), verb_(verb), total_(total) {}

Progress::~Progress() {
  if (shown_) {
    terminal_ << kClearLine << std::flush;
  }
}

void Progress::Advance(int64_t by) {
  done_ += by;
  if (!shown_ || absl::Now() < next_draw_) {
    return;
  }
  terminal_ << kClearLine << ProgressText(verb_, done_, total_) << std::flush;
  next_draw_ = absl::Now() + kRedraw;
}

}  // namespace orewatch::ctl

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
constexpr double kMegabyte = 1e6;

std::string AmountText(int64_t amount, Progress::Unit unit) {
  return unit == Progress::Unit::kRows ? absl::StrCat(amount)
                                       : absl::StrFormat("%.1f", static_cast<double>(amount) / kMegabyte);
}

}  // namespace

std::string ProgressText(absl::string_view verb, int64_t done, int64_t total, Progress::Unit unit) {
  const absl::string_view name = unit == Progress::Unit::kRows ? "rows" : "MB";
  if (total <= 0) {
    return absl::StrCat(verb, " ", AmountText(done, unit), " ", name);
  }
  const int64_t bounded = std::min(done, total);
  const int64_t filled = bounded * kBarWidth / total;
  return absl::StrFormat("%s [%s%s] %3d%% %s/%s %s", verb, std::string(static_cast<size_t>(filled), '#'),
                         std::string(static_cast<size_t>(kBarWidth - filled), '.'), bounded * kPercent / total,
                         AmountText(done, unit), AmountText(total, unit), name);
}

Progress::Progress(std::ostream& terminal, bool shown, absl::string_view verb, int64_t total, Unit unit)
    : terminal_(terminal), shown_(shown), verb_(verb), total_(total), unit_(unit) {}

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
  terminal_ << kClearLine << ProgressText(verb_, done_, total_, unit_) << std::flush;
  next_draw_ = absl::Now() + kRedraw;
}

}  // namespace orewatch::ctl

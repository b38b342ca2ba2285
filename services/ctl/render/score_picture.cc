#include "services/ctl/render/score_picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/protobuf/util/time_util.h"
#include "services/ctl/render/score_text.h"
#include "services/ctl/render/svg.h"

namespace orewatch::ctl {
namespace {

using ::google::protobuf::util::TimeUtil;
using Anchor = Svg::Anchor;
using Point = Svg::Point;

constexpr double kWidth = 760;
constexpr double kMargin = 24;
constexpr double kTitleHeight = 40;
constexpr double kPercent = 100;

// --- shares as bars

struct Bar {
  std::string label;
  // Nothing: withheld.
  std::optional<double> share;
  // Not one country.
  bool faint = false;
};

constexpr double kBarHeight = 16;
constexpr double kBarStep = 22;
constexpr double kBarsLeft = 130;
constexpr double kBarsWidth = 500;
constexpr size_t kMaxBars = 12;
// Less is the noise of rounding.
constexpr double kLeastShare = 0.0005;
constexpr char kOthers[] = "ZZ";
// Roles of inputs whose numbers are shares, and what those are of.
constexpr std::array<std::pair<const char*, const char*>, 3> kShares = {
    {{"production", "Shares of production"}, {"import", "Shares of imports"}, {"export", "Shares of exports"}}};

bool IsShare(const risk::v1::ScoreInput& input, absl::string_view role) {
  return input.role() == role && (input.has_value() || input.quantity().has_withheld());
}

// Of one role, the largest first; then those that are withheld, others together, and what is known of nobody.
std::vector<Bar> BarsOf(const risk::v1::ScoreExplanation& explanation, absl::string_view role) {
  std::map<std::string, std::optional<double>> by_country;
  double sum = 0;
  for (const risk::v1::ScoreInput& input : explanation.inputs()) {
    if (IsShare(input, role)) {
      auto& share = by_country[input.country()];
      if (input.has_value()) {
        share = share.value_or(0) + input.value();
        sum += input.value();
      }
    }
  }
  std::vector<Bar> bars;
  bars.reserve(by_country.size() + 1);
  for (const auto& [country, share] : by_country) {
    bars.push_back({country == kOthers ? "other countries" : country, share, country == kOthers});
  }
  std::stable_sort(bars.begin(), bars.end(), [](const Bar& a, const Bar& b) {
    return std::make_pair(a.faint, -a.share.value_or(0)) < std::make_pair(b.faint, -b.share.value_or(0));
  });
  if (!bars.empty() && 1 - sum > kLeastShare) {
    bars.push_back({"unknown", 1 - sum, true});
  }
  return bars;
}

void FoldSmallest(std::vector<Bar>& bars) {
  const auto named = std::find_if(bars.begin(), bars.end(), [](const Bar& bar) { return bar.faint; }) - bars.begin();
  if (static_cast<size_t>(named) <= kMaxBars) {
    return;
  }
  const auto begin = bars.begin() + kMaxBars;
  const auto end = bars.begin() + named;
  double sum = 0;
  std::for_each(begin, end, [&sum](const Bar& bar) { sum += bar.share.value_or(0); });
  *begin = {absl::StrCat(end - begin, " more"), sum, true};
  bars.erase(begin + 1, end);
}

void DrawBars(const std::vector<Bar>& bars, double& top, Svg& svg) {
  for (const Bar& bar : bars) {
    constexpr double kBaseline = 12.5;
    constexpr double kGap = 6;
    const double length = kBarsWidth * std::clamp(bar.share.value_or(0), 0.0, 1.0);
    svg.Text({kBarsLeft - kGap, top + kBaseline}, Anchor::kEnd, bar.label, "label");
    svg.Rectangle({kBarsLeft, top}, length, kBarHeight, bar.faint ? "faint" : "mark");
    const std::string text = bar.share.has_value() ? absl::StrFormat("%.1f %%", *bar.share * kPercent) : "withheld";
    svg.Text({kBarsLeft + length + kGap, top + kBaseline}, Anchor::kStart, text, "label");
    top += kBarStep;
  }
}

// --- values as a line

struct Sample {
  double at = 0;
  std::string label;
  // Nothing: unset or gone.
  std::optional<double> value;
  double lower = 0;
  // Nothing: nobody knows.
  std::optional<double> upper;
  std::string text;
};

constexpr double kPlotHeight = 200;
constexpr double kPlotLeft = 70;
constexpr double kPlotWidth = kWidth - kPlotLeft - 2 * kMargin;

Sample SampleOf(double at, std::string label, const risk::v1::Score& score) {
  Sample sample{at, std::move(label), std::nullopt, 0, std::nullopt, ""};
  if (score.has_value()) {
    sample.value = score.value();
    sample.lower = score.has_bounds() ? score.bounds().lower() : score.value();
    const bool open = score.has_bounds() && !score.bounds().has_upper();
    sample.upper =
        open ? std::nullopt : std::make_optional(score.has_bounds() ? score.bounds().upper() : score.value());
    sample.text = absl::StrCat(sample.label, ": ", ScoreValueText(score));
  }
  return sample;
}

// A round number at or above the largest value.
double CeilingOf(const std::vector<Sample>& samples) {
  double largest = 0;
  for (const Sample& sample : samples) {
    largest = std::max({largest, sample.value.value_or(0), sample.upper.value_or(0)});
  }
  if (largest <= 0) {
    return 1;
  }
  const double power = std::pow(10, std::floor(std::log10(largest)));
  constexpr std::array kSteps = {1.0, 2.0, 2.5, 5.0};
  const auto* step = std::find_if(kSteps.begin(), kSteps.end(), [&](double s) { return s * power >= largest; });
  return power * (step == kSteps.end() ? 10 : *step);
}

// The plot of samples in a rectangle of which the upper left corner is at kPlotLeft and `top`.
class Plot {
 public:
  Plot(const std::vector<Sample>& samples, double top, Svg& svg)
      : samples_(samples), top_(top), ceiling_(CeilingOf(samples)), svg_(svg) {}
  void Draw() {
    Axes();
    for (const Sample& sample : samples_) {
      Range(sample);
    }
    Lines();
    for (const Sample& sample : samples_) {
      if (sample.value.has_value()) {
        svg_.Dot({X(sample), Y(*sample.value)}, sample.text);
      }
    }
    Labels();
  }

 private:
  double X(const Sample& sample) const {
    const double first = samples_.front().at;
    const double span = samples_.back().at - first;
    return kPlotLeft + kPlotWidth * (span > 0 ? (sample.at - first) / span : 1.0 / 2);
  }
  double Y(double value) const { return top_ + kPlotHeight * (1 - value / ceiling_); }

  void Axes() {
    constexpr int kSteps = 4;
    for (int i = 0; i <= kSteps; ++i) {
      const double value = ceiling_ * i / kSteps;
      svg_.Line({kPlotLeft, Y(value)}, {kPlotLeft + kPlotWidth, Y(value)}, "axis");
      constexpr double kGap = 8;
      constexpr double kHalfText = 4;
      svg_.Text({kPlotLeft - kGap, Y(value) + kHalfText}, Anchor::kEnd, absl::StrFormat("%.6g", value), "label");
    }
  }
  void Range(const Sample& sample) {
    if (sample.value.has_value() && sample.lower != sample.upper) {
      svg_.Line({X(sample), Y(sample.lower)}, {X(sample), Y(sample.upper.value_or(ceiling_))},
                sample.upper.has_value() ? "range" : "open");
    }
  }
  void Lines() {
    std::vector<Point> run;
    const auto end = [&] {
      if (run.size() > 1) {
        svg_.Path(run, "line");
      }
      run.clear();
    };
    for (const Sample& sample : samples_) {
      if (sample.value.has_value()) {
        run.push_back({X(sample), Y(*sample.value)});
      } else {
        end();
      }
    }
    end();
  }
  // As many as have room.
  void Labels() {
    constexpr double kBelow = 18;
    constexpr double kRoom = 90;
    double free_from = 0;
    for (const Sample& sample : samples_) {
      if (X(sample) >= free_from) {
        svg_.Text({X(sample), top_ + kPlotHeight + kBelow}, Anchor::kMiddle, sample.label, "label");
        free_from = X(sample) + kRoom;
      }
    }
  }

  const std::vector<Sample>& samples_;
  const double top_;
  const double ceiling_;
  Svg& svg_;
};

// A heading, and room below it.
void Head(const std::string& title, double& top, Svg& svg) {
  constexpr double kBaseline = 28;
  svg.Text({kMargin, top + kBaseline}, Anchor::kStart, title, "title");
  top += kTitleHeight;
}

void DrawSamples(const std::vector<Sample>& samples, absl::string_view otherwise, double& top, Svg& svg) {
  constexpr double kAround = 30;
  if (samples.empty()) {
    svg.Text({kMargin, top + kAround / 2}, Anchor::kStart, otherwise, "label");
    top += kAround;
    return;
  }
  Plot(samples, top + kAround / 2, svg).Draw();
  top += kPlotHeight + 2 * kAround;
}

std::vector<Sample> SamplesOf(const risk::v1::ListScoreYearsResponse& years) {
  std::vector<Sample> samples;
  samples.reserve(static_cast<size_t>(years.scores_size()));
  for (const risk::v1::Score& score : years.scores()) {
    samples.push_back(SampleOf(score.reference_year(), absl::StrCat(score.reference_year()), score));
  }
  return samples;
}

std::vector<Sample> SamplesOf(const risk::v1::ListScoreHistoryResponse& history) {
  std::vector<Sample> samples;
  samples.reserve(static_cast<size_t>(history.records_size()));
  for (const risk::v1::ScoreRecord& record : history.records()) {
    const double at = static_cast<double>(TimeUtil::TimestampToSeconds(record.commit_time()));
    constexpr size_t kDate = 10;
    std::string label = TimeUtil::ToString(record.commit_time()).substr(0, kDate);
    samples.push_back(SampleOf(at, std::move(label), record.removed() ? risk::v1::Score() : record.score()));
  }
  std::stable_sort(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) { return a.at < b.at; });
  return samples;
}

template <typename Past>
void DrawPast(const absl::StatusOr<Past>& past, double& top, Svg& svg) {
  DrawSamples(past.ok() ? SamplesOf(*past) : std::vector<Sample>(),
              past.ok() ? "nothing yet" : std::string(past.status().message()), top, svg);
}

std::string Finished(const Svg& svg, double height, const std::string& description) {
  return svg.Document(kWidth, height + kMargin, description);
}

std::string PictureOf(const std::string& title, const std::vector<Sample>& samples) {
  Svg svg;
  double top = 0;
  Head(title, top, svg);
  DrawSamples(samples, "nothing yet", top, svg);
  return Finished(svg, top, title);
}

}  // namespace

std::string YearsPicture(const risk::v1::ListScoreYearsResponse& years) {
  return PictureOf(years.scores().empty() ? "No year has a score"
                                          : absl::StrCat(KeyText(years.scores(0).key()), ", by year of the data"),
                   SamplesOf(years));
}

std::string HistoryPicture(const risk::v1::ListScoreHistoryResponse& history) {
  return PictureOf(history.records().empty()
                       ? "No score is recorded"
                       : absl::StrCat(KeyText(history.records(0).score().key()), ", as it was known"),
                   SamplesOf(history));
}

std::string ScorePicture(const risk::v1::ScoreExplanation& explanation,
                         const absl::StatusOr<risk::v1::ListScoreYearsResponse>& years,
                         const absl::StatusOr<risk::v1::ListScoreHistoryResponse>& history) {
  Svg svg;
  double top = 0;
  const risk::v1::Score& score = explanation.score();
  const std::string value = ScoreValueText(score);
  const std::string title = absl::StrCat(KeyText(score.key()), ": ", value.empty() ? CompletenessText(score) : value);
  Head(title, top, svg);
  for (const auto& [role, heading] : kShares) {
    std::vector<Bar> bars = BarsOf(explanation, role);
    if (!bars.empty()) {
      FoldSmallest(bars);
      Head(heading, top, svg);
      DrawBars(bars, top, svg);
    }
  }
  Head("By year of the data", top, svg);
  DrawPast(years, top, svg);
  Head("As it was known", top, svg);
  DrawPast(history, top, svg);
  return Finished(svg, top, title);
}

}  // namespace orewatch::ctl

#include "services/gateway/aggregate/text_relevance.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace orewatch::gateway {
namespace {

// Those of services/registry/domain/relevance.h, so that both rank alike; a change there is to be made here too.
constexpr double kSaturation = 1.2;
constexpr double kLengthWeight = 0.75;
constexpr double kTitleWeight = 10;
constexpr double kReferenceLength = 13;

bool IsOfAWord(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || !absl::ascii_isascii(static_cast<unsigned char>(c));
}

double CountBegun(const std::vector<std::string>& words, const std::string& term) {
  return static_cast<double>(
      std::count_if(words.begin(), words.end(), [&](const std::string& word) { return absl::StartsWith(word, term); }));
}

}  // namespace

std::vector<std::string> WordsOf(absl::string_view text) {
  std::vector<std::string> words;
  bool within = false;
  for (const char c : text) {
    if (IsOfAWord(c)) {
      if (!within) {
        words.emplace_back();
      }
      words.back().push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
    }
    within = IsOfAWord(c);
  }
  return words;
}

std::optional<double> RelevanceOf(const SearchedText& text, const std::vector<std::string>& terms) {
  const auto length = static_cast<double>(text.title.size() + text.body.size());
  const double penalty = kSaturation * (1 - kLengthWeight + kLengthWeight * length / kReferenceLength);
  double relevance = 0;
  for (const std::string& term : terms) {
    const double frequency = kTitleWeight * CountBegun(text.title, term) + CountBegun(text.body, term);
    if (frequency == 0) {
      return std::nullopt;
    }
    relevance += frequency * (kSaturation + 1) / (frequency + penalty);
  }
  return relevance;
}

}  // namespace orewatch::gateway

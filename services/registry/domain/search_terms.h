// What entries are found by, prepared alike for every engine of the store.
//
// Text is case-folded (NFKC) and loses its diacritics. Letters and digits make words. Runs of Chinese, Japanese and
// Korean letters become overlapping pairs, so that a word of two characters is found anywhere in a run, and one more
// word of the last character, so that single characters are found too.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "orewatch/registry/v1/resources.pb.h"

namespace orewatch::registry {

// Words are separated by single spaces.
struct SearchText {
  // Of the id and the names; weighs more.
  std::string title;
  // Of all other text.
  std::string body;
  // How many words both have.
  int64_t length = 0;
};

// Words that follow one another in an entry that matches.
struct SearchTerm {
  std::vector<std::string> words;
  // The last word may be the beginning of one.
  bool prefix = false;

  friend bool operator==(const SearchTerm&, const SearchTerm&) = default;
};

inline constexpr size_t kMaxSearchQueryBytes = 256;
inline constexpr size_t kMaxSearchTerms = 16;

// The words of a text, in order.
std::vector<std::string> WordsOf(absl::string_view text);
// Of a resource. A statistic has no text of its own: both are empty.
SearchText SearchTextOf(const v1::Entry& entry);
// INVALID_ARGUMENT blaming `query`: empty, too long, or without a letter or digit.
absl::StatusOr<std::vector<SearchTerm>> ParseSearchQuery(absl::string_view query);

}  // namespace orewatch::registry

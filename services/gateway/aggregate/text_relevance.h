// How well an alert or a rule matches a search, on the scale on which the registry ranks its resources: the saturated
// term frequency of BM25, a word of a title counting as ten, set against a constant length, summed over the terms.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace orewatch::gateway {

// Lower case in ASCII, cut at everything that is neither an ASCII letter or digit nor beyond ASCII.
std::vector<std::string> WordsOf(absl::string_view text);

struct SearchedText {
  std::vector<std::string> title;
  std::vector<std::string> body;
};

// Greater is better. Nothing unless every term begins a word; terms are as WordsOf gives them, and there is at least
// one.
std::optional<double> RelevanceOf(const SearchedText& text, const std::vector<std::string>& terms);

}  // namespace orewatch::gateway

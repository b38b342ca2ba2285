// Splits a filter or an order into tokens.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/filter/source.h"
#include "common/filter/syntax.h"

namespace orewatch::filter {

inline constexpr size_t kMaxTextBytes = 4096;

struct Token {
  enum class Kind { kEnd, kWord, kLiteral, kComparator, kAnd, kOr, kNot, kMinus, kDot, kComma, kOpen, kClose };
  Kind kind = Kind::kEnd;
  size_t offset = 0;
  // The text of a word or a literal.
  Literal literal;
  Comparator comparator = Comparator::kEqual;
};

// The tokens in order, the last of them kEnd. What follows a comparator is a literal, which may hold dots, colons and
// dashes; anywhere else these are tokens of their own. The text is UTF-8, as every string of a request is.
// INVALID_ARGUMENT if the text is longer than kMaxTextBytes, a string does not end, an escape is unknown, a wildcard
// stands inside a text, or a character has no meaning where it stands.
absl::StatusOr<std::vector<Token>> Tokenize(const Source& source);

// As it is written.
absl::string_view ComparatorText(Comparator comparator);

// What a token is, for errors: `')'`, `the word 'cobalt'`, `the end`.
std::string Describe(const Token& token);

}  // namespace orewatch::filter

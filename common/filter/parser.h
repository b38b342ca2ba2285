// Reads the grammar of docs/api/filter.md.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "common/filter/lexer.h"
#include "common/filter/source.h"
#include "common/filter/syntax.h"

namespace orewatch::filter {

// Parentheses within parentheses.
inline constexpr int kMaxDepth = 32;
// Comparisons in one filter.
inline constexpr int kMaxTerms = 100;
// Names in one path.
inline constexpr size_t kMaxPathLength = 16;

// The expression; conjunctions within conjunctions and alternatives within alternatives are merged into one. An empty
// text is a conjunction of nothing. INVALID_ARGUMENT with the column and what was expected there, or the limit passed.
absl::StatusOr<Expression> ParseExpression(const Source& source);

// A dotted path that begins at `*next`, which moves behind it. INVALID_ARGUMENT as above.
absl::StatusOr<std::vector<Segment>> ParsePath(const Source& source, const std::vector<Token>& tokens, size_t* next);

}  // namespace orewatch::filter

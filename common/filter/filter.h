// Filters of List methods: a declared subset of AIP-160 over any message. docs/api/filter.md is its reference.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/filter/checker.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace orewatch::filter {

// `path = literal`, met by every message that the whole filter matches.
struct Equality {
  // Names joined by dots, as in `outputs.mineral`. Through a repeated field: of any element.
  std::string path;
  // A string as it is, an enum by its full name, a time in UTC, a date by its first day, a number by its shortest
  // digits.
  std::string literal;
};

// A filter bound to a type of message. Immutable and thread-safe; the descriptor outlives it.
class Filter {
 public:
  // Matches everything.
  Filter() = default;

  // An empty text matches everything. INVALID_ARGUMENT that blames `filter`, with the column and what was expected
  // there, if the text does not follow the grammar, names no field of the type, compares a field with a literal of
  // another type, or passes a limit (kMaxTextBytes, kMaxDepth, kMaxTerms, kMaxPathLength).
  static absl::StatusOr<Filter> Parse(absl::string_view text, const google::protobuf::Descriptor& type);

  // The message is of the type that the filter was parsed for.
  bool Matches(const google::protobuf::Message& message) const;

  // One spelling for filters that differ only in spaces, redundant parentheses, quotation marks and the spelling of
  // operators and literals; it parses to the same filter, unless it is longer than a filter may be. Order is kept.
  const std::string& canonical() const { return canonical_; }

  // The equalities among the conjuncts at top level, in order: what an index may narrow a scan by. Not among them are
  // patterns, and comparisons with the value that a field has when nobody set it, which an index of what was set does
  // not know.
  std::vector<Equality> Equalities() const;

 private:
  explicit Filter(Condition condition);

  Condition condition_;
  std::string canonical_;
};

}  // namespace orewatch::filter

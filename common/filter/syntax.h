// What the parser reads: an expression whose names are not bound to fields yet. docs/api/filter.md has the grammar.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace orewatch::filter {

enum class Comparator { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual, kHas };

enum class TreeKind {
  kAll,   // every branch; true if there is none
  kAny,   // at least one branch
  kNot,   // not its one branch
  kLeaf,  // `leaf`
};

// A combination of tests. Its depth is bounded by kMaxDepth, so that walking it may recurse.
template <typename Leaf>
struct Tree {
  using Kind = TreeKind;
  Kind kind = Kind::kAll;
  std::vector<Tree> branches;
  Leaf leaf;
};

// One name of a path: a field, or the key of a map.
struct Segment {
  std::string name;
  size_t offset = 0;
};

// The right side of a comparison.
struct Literal {
  // Without quotation marks, escapes and wildcards.
  std::string text;
  size_t offset = 0;
  bool quoted = false;
  // A wildcard stood at the start, at the end. A lone `*` is both, of an empty text.
  bool open_start = false;
  bool open_end = false;

  bool HasWildcard() const { return open_start || open_end; }
  bool IsWildcardAlone() const { return HasWildcard() && text.empty(); }
};

// `path comparator literal`.
struct Restriction {
  std::vector<Segment> path;
  Comparator comparator = Comparator::kEqual;
  size_t comparator_offset = 0;
  Literal literal;
};

using Expression = Tree<Restriction>;

}  // namespace orewatch::filter

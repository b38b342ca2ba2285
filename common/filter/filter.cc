#include "common/filter/filter.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "common/filter/evaluator.h"
#include "common/filter/lexer.h"
#include "common/filter/literal.h"
#include "common/filter/parser.h"
#include "common/filter/source.h"
#include "common/status/status.h"

namespace orewatch::filter {
namespace {

std::string SpellTest(const Test& test) {
  if (test.kind != Test::Kind::kCompare) {
    return absl::StrCat(test.path.text, ":*");
  }
  return absl::StrCat(test.path.text, " ", ComparatorText(test.comparator), " ",
                      SpellOperand(test.path.leaf, test.operand));
}

std::string Spell(const Condition& condition);

// Parentheses stand only where they are needed, so that the text is never nested deeper than what was parsed.
std::string SpellEnclosed(const Condition& condition, bool enclosed) {
  return enclosed ? absl::StrCat("(", Spell(condition), ")") : Spell(condition);
}

std::string SpellBranches(const std::vector<Condition>& branches, absl::string_view separator) {
  return absl::StrJoin(branches, separator, [](std::string* text, const Condition& branch) {
    absl::StrAppend(text, SpellEnclosed(branch, branch.kind == Condition::Kind::kAll));
  });
}

std::string Spell(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::kAll:
      return SpellBranches(condition.branches, " AND ");
    case Condition::Kind::kAny:
      return SpellBranches(condition.branches, " OR ");
    case Condition::Kind::kNot: {
      const Condition& branch = condition.branches.front();
      return absl::StrCat("NOT ", SpellEnclosed(branch, branch.kind != Condition::Kind::kLeaf));
    }
    case Condition::Kind::kLeaf:
      return SpellTest(condition.leaf);
  }
  return "";
}

// The value of a field without presence that nobody set.
bool IsDefault(const TypedField& typed, const Operand& operand) {
  if (typed.field->has_presence()) {
    return false;
  }
  return typed.type == ValueType::kString
             ? operand.text.empty()
             : operand.ordinal == Ordinal(int64_t{0}) || operand.ordinal == Ordinal(uint64_t{0}) ||
                   operand.ordinal == Ordinal(0.0);
}

bool IsEquality(const Condition& condition) {
  const Test& test = condition.leaf;
  return condition.kind == Condition::Kind::kLeaf && test.kind == Test::Kind::kCompare &&
         test.comparator == Comparator::kEqual && !test.operand.IsPattern() && !IsDefault(test.path.leaf, test.operand);
}

}  // namespace

Filter::Filter(Condition condition) : condition_(std::move(condition)), canonical_(Spell(condition_)) {}

absl::StatusOr<Filter> Filter::Parse(absl::string_view text, const google::protobuf::Descriptor& type) {
  const Source source("filter", text);
  OREWATCH_ASSIGN_OR_RETURN(const Expression expression, ParseExpression(source));
  OREWATCH_ASSIGN_OR_RETURN(Condition condition, Check(source, type, expression));
  return Filter(std::move(condition));
}

bool Filter::Matches(const google::protobuf::Message& message) const { return Holds(condition_, message); }

std::vector<Equality> Filter::Equalities() const {
  const bool conjunction = condition_.kind == Condition::Kind::kAll;
  const auto conjuncts = conjunction ? absl::MakeConstSpan(condition_.branches) : absl::MakeConstSpan(&condition_, 1);
  std::vector<Equality> equalities;
  for (const Condition& conjunct : conjuncts) {
    if (IsEquality(conjunct)) {
      const FieldPath& path = conjunct.leaf.path;
      equalities.push_back({path.text, OperandText(path.leaf, conjunct.leaf.operand)});
    }
  }
  return equalities;
}

}  // namespace orewatch::filter

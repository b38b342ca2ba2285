#include "common/filter/checker.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/filter/lexer.h"
#include "common/status/status.h"

namespace orewatch::filter {
namespace {

using google::protobuf::Descriptor;

bool IsOrdering(Comparator comparator) {
  return comparator != Comparator::kEqual && comparator != Comparator::kNotEqual && comparator != Comparator::kHas;
}

Test PresenceOf(FieldPath path) {
  Test test;
  test.kind = IsMapValue(*path.leaf.field) ? Test::Kind::kReached : Test::Kind::kPresent;
  test.path = std::move(path);
  return test;
}

// `labels:key` and `message:field`: what the literal names is there.
absl::StatusOr<Test> CheckMember(const Source& source, const Descriptor& type, const Restriction& restriction) {
  if (restriction.literal.HasWildcard()) {
    return source.Error(restriction.literal.offset, "expected '*' or a name, which has no wildcard");
  }
  std::vector<Segment> path = restriction.path;
  path.push_back({restriction.literal.text, restriction.literal.offset});
  OREWATCH_ASSIGN_OR_RETURN(FieldPath bound, BindPath(source, type, path));
  return PresenceOf(std::move(bound));
}

// OK if fields of the type can be compared like this.
absl::Status CheckComparator(const Source& source, const FieldPath& path, const Restriction& restriction) {
  const std::string subject = absl::StrCat(Quoted(path.text), " (", TypeName(path.leaf), ")");
  const absl::string_view comparator = ComparatorText(restriction.comparator);
  if (path.leaf.field->is_map()) {
    return source.Error(
        restriction.comparator_offset,
        absl::StrCat(subject, " is tested with ':' for a key, or a key follows it, not '", comparator, "'"));
  }
  if (path.leaf.type == ValueType::kMessage || path.leaf.type == ValueType::kBytes) {
    return source.Error(restriction.comparator_offset,
                        absl::StrCat(subject, " is only tested for presence, with :*, not with '", comparator, "'"));
  }
  const bool unordered = path.leaf.type == ValueType::kBool || path.leaf.type == ValueType::kEnum;
  if (unordered && IsOrdering(restriction.comparator)) {
    return source.Error(restriction.comparator_offset,
                        absl::StrCat(subject, " is compared with =, != or :, not '", comparator, "'"));
  }
  if (restriction.literal.HasWildcard() && IsOrdering(restriction.comparator)) {
    return source.Error(restriction.literal.offset,
                        absl::StrCat("a wildcard is compared with =, != or :, not '", comparator, "'"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Test> CheckRestriction(const Source& source, const Descriptor& type, const Restriction& restriction) {
  OREWATCH_ASSIGN_OR_RETURN(FieldPath path, BindPath(source, type, restriction.path));
  const bool has = restriction.comparator == Comparator::kHas;
  if (has && restriction.literal.IsWildcardAlone()) {
    return PresenceOf(std::move(path));
  }
  if (has && path.leaf.type == ValueType::kMessage) {
    return CheckMember(source, type, restriction);
  }
  OREWATCH_RETURN_IF_ERROR(CheckComparator(source, path, restriction));
  Test test;
  test.comparator = has ? Comparator::kEqual : restriction.comparator;
  OREWATCH_ASSIGN_OR_RETURN(test.operand, ReadOperand(source, path.leaf, Quoted(path.text), restriction.literal));
  test.path = std::move(path);
  return test;
}

}  // namespace

absl::StatusOr<Condition> Check(const Source& source, const Descriptor& type, const Expression& expression) {
  Condition condition;
  condition.kind = expression.kind;
  if (expression.kind == Expression::Kind::kLeaf) {
    OREWATCH_ASSIGN_OR_RETURN(condition.leaf, CheckRestriction(source, type, expression.leaf));
  }
  for (const Expression& branch : expression.branches) {
    OREWATCH_ASSIGN_OR_RETURN(Condition checked, Check(source, type, branch));
    condition.branches.push_back(std::move(checked));
  }
  return condition;
}

}  // namespace orewatch::filter

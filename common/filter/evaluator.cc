#include "common/filter/evaluator.h"

#include <algorithm>
#include <compare>
#include <cstring>
#include <string>

#include "absl/strings/match.h"

namespace orewatch::filter {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// False for whatever cannot be ordered, which is NaN.
bool Satisfies(Comparator comparator, std::partial_ordering order) {
  switch (comparator) {
    case Comparator::kEqual:
    case Comparator::kHas:
      return std::is_eq(order);
    case Comparator::kNotEqual:
      return std::is_lt(order) || std::is_gt(order);
    case Comparator::kLess:
      return std::is_lt(order);
    case Comparator::kLessOrEqual:
      return std::is_lteq(order);
    case Comparator::kGreater:
      return std::is_gt(order);
    case Comparator::kGreaterOrEqual:
      return std::is_gteq(order);
  }
  return false;
}

bool FitsPattern(absl::string_view text, const Operand& pattern) {
  if (!pattern.open_start) {
    return absl::StartsWith(text, pattern.text);
  }
  if (!pattern.open_end) {
    return absl::EndsWith(text, pattern.text);
  }
  // Takes linear time whatever the texts are.
  return memmem(text.data(), text.size(), pattern.text.data(), pattern.text.size()) != nullptr;
}

bool TextSatisfies(absl::string_view text, Comparator comparator, const Operand& operand) {
  if (operand.IsPattern()) {
    return FitsPattern(text, operand) == (comparator != Comparator::kNotEqual);
  }
  return Satisfies(comparator, text.compare(operand.text) <=> 0);
}

bool ValueSatisfies(const TypedField& typed, const Message& message, int index, Comparator comparator,
                    const Operand& operand) {
  if (typed.type == ValueType::kString) {
    std::string scratch;
    const auto text = ReadText(typed, message, index, scratch);
    return text.has_value() && TextSatisfies(*text, comparator, operand);
  }
  const auto value = ReadOrdinal(typed, message, index);
  return value.has_value() && Satisfies(comparator, *value <=> operand.ordinal);
}

bool IsPresent(const Message& message, const FieldDescriptor& field) {
  const auto* reflection = message.GetReflection();
  return field.is_repeated() ? reflection->FieldSize(message, &field) > 0 : reflection->HasField(message, &field);
}

// The test's field is one of this message.
bool LeafHolds(const Test& test, const Message& message) {
  const TypedField& leaf = test.path.leaf;
  if (test.kind == Test::Kind::kReached) {
    return true;
  }
  if (test.kind == Test::Kind::kPresent) {
    return IsPresent(message, *leaf.field);
  }
  if (!leaf.field->is_repeated()) {
    return ValueSatisfies(leaf, message, kNoIndex, test.comparator, test.operand);
  }
  const int size = message.GetReflection()->FieldSize(message, leaf.field);
  for (int i = 0; i < size; ++i) {
    if (ValueSatisfies(leaf, message, i, test.comparator, test.operand)) {
      return true;
    }
  }
  return false;
}

bool HoldsFrom(const Test& test, size_t step, const Message& message);

bool HoldsForAnyElement(const Test& test, size_t step, const Message& message) {
  const Step& entered = test.path.steps[step];
  const auto* reflection = message.GetReflection();
  const int size = reflection->FieldSize(message, entered.field);
  for (int i = 0; i < size; ++i) {
    const Message& element = reflection->GetRepeatedMessage(message, entered.field, i);
    const bool wanted = !entered.key.has_value() ||
                        ValueSatisfies(entered.key->field, element, kNoIndex, Comparator::kEqual, entered.key->value);
    if (wanted && HoldsFrom(test, step + 1, element)) {
      return true;
    }
  }
  return false;
}

// The rest of the path, from a message that its first `step` steps lead to.
bool HoldsFrom(const Test& test, size_t step, const Message& message) {
  const Message* reached = &message;
  for (; step < test.path.steps.size(); ++step) {
    const FieldDescriptor* field = test.path.steps[step].field;
    if (field->is_repeated()) {
      return HoldsForAnyElement(test, step, *reached);
    }
    const auto* reflection = reached->GetReflection();
    if (!reflection->HasField(*reached, field)) {
      return false;
    }
    reached = &reflection->GetMessage(*reached, field);
  }
  return LeafHolds(test, *reached);
}

}  // namespace

bool Holds(const Condition& condition, const Message& message) {
  const auto holds = [&message](const Condition& branch) { return Holds(branch, message); };
  switch (condition.kind) {
    case Condition::Kind::kAll:
      return std::all_of(condition.branches.begin(), condition.branches.end(), holds);
    case Condition::Kind::kAny:
      return std::any_of(condition.branches.begin(), condition.branches.end(), holds);
    case Condition::Kind::kNot:
      return !Holds(condition.branches.front(), message);
    case Condition::Kind::kLeaf:
      return HoldsFrom(condition.leaf, 0, message);
  }
  return false;
}

}  // namespace orewatch::filter

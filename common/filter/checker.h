// Binds an expression to a message type: every name is a field, every literal a value of that field's type.
#pragma once

#include "absl/status/statusor.h"
#include "common/filter/literal.h"
#include "common/filter/path.h"
#include "common/filter/source.h"
#include "common/filter/syntax.h"
#include "google/protobuf/descriptor.h"

namespace orewatch::filter {

// One test of a message. It holds if it holds for any value that the path reaches.
struct Test {
  enum class Kind {
    kReached,  // there is an entry of the map with this key
    kPresent,  // the field is set; without the means to tell, it is not zero or empty
    kCompare,  // comparator and operand
  };
  Kind kind = Kind::kCompare;
  FieldPath path;
  // Never kHas: that is kEqual or another kind.
  Comparator comparator = Comparator::kEqual;
  Operand operand;
};

using Condition = Tree<Test>;

// INVALID_ARGUMENT with the column if a path is none of the type (BindPath), a literal is of another type than its
// field (ReadOperand), or the field's type does not know the comparator.
absl::StatusOr<Condition> Check(const Source& source, const google::protobuf::Descriptor& type,
                                const Expression& expression);

}  // namespace orewatch::filter

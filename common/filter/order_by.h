// The order of List methods: AIP-132 `order_by` over any message. docs/api/filter.md is its reference.
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/filter/path.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace orewatch::filter {

// Fields in one order.
inline constexpr size_t kMaxOrderFields = 8;

struct OrderKey {
  FieldPath path;
  bool descending = false;
};

// An order bound to a type of message. Immutable and thread-safe; the descriptor outlives it.
class OrderBy {
 public:
  // `field [asc|desc], ...`. INVALID_ARGUMENT that blames `order_by`, with the column and what was expected there, if
  // the text does not follow that, names no field of the type, a repeated field, one without an order or one twice, or
  // passes a limit (kMaxTextBytes, kMaxOrderFields, kMaxPathLength).
  static absl::StatusOr<OrderBy> Parse(absl::string_view text, const google::protobuf::Descriptor& type);

  // By the fields, then by field `name` ascending, if the type has one: a total order of resources. An unknown value
  // (not set, a date without a year, NaN) comes last in either direction. Both messages are of the type that the order
  // was parsed for.
  std::weak_ordering Compare(const google::protobuf::Message& a, const google::protobuf::Message& b) const;

  // One spelling for orders that differ only in spaces and in `asc`. Empty: by name.
  const std::string& canonical() const { return canonical_; }

 private:
  OrderBy() = default;

  std::vector<OrderKey> keys_;
  std::string canonical_;
};

}  // namespace orewatch::filter

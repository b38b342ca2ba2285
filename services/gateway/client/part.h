// One part of an answer, as a neighbour gave it.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace orewatch::gateway {

template <typename T>
class Part : public absl::StatusOr<T> {
 public:
  // Not asked for yet.
  Part() : absl::StatusOr<T>(absl::UnknownError("not asked")) {}
  // NOLINTBEGIN(google-explicit-constructor): as for StatusOr.
  Part(T value) : absl::StatusOr<T>(std::move(value)) {}
  Part(absl::Status status) : absl::StatusOr<T>(std::move(status)) {}
  // NOLINTEND(google-explicit-constructor)

  // Why the neighbour could not be asked, where it had said this before; OK: it was asked.
  absl::Status stale_because;
  // When it was.
  absl::Time as_of = absl::InfiniteFuture();
  // Not older than what the neighbour was known to have.
  bool current = false;
};

}  // namespace orewatch::gateway

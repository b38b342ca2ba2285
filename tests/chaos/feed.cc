#include "tests/chaos/feed.h"

#include <utility>

#include "common/status/status.h"

namespace orewatch::testing {

bool ReadSet(grpc::ClientReader<registry::v1::ChangeSet>& reader, registry::v1::ChangeSet& set) {
  set.Clear();
  registry::v1::ChangeSet chunk;
  while (reader.Read(&chunk)) {
    if (set.changes_size() > 0 && chunk.revision().number() != set.revision().number()) {
      // The rest of a set never came: it stays as it is, which the checker will find.
      return true;
    }
    // Repeated fields are put one behind the other, the others overwritten.
    set.MergeFrom(chunk);
    if (chunk.last_chunk()) {
      return true;
    }
  }
  return false;
}

absl::StatusOr<History> ReadHistory(RegistryStub& registry) {
  OREWATCH_ASSIGN_OR_RETURN(const auto head, Call(registry, &RegistryStub::GetHead, registry::v1::GetHeadRequest()));
  constexpr absl::Duration kLong = absl::Minutes(5);
  grpc::ClientContext context;
  LimitCall(context, kLong);
  const auto reader = registry.Watch(&context, {});
  History history;
  registry::v1::ChangeSet set;
  while (static_cast<int64_t>(history.size()) < head.revision().number() && ReadSet(*reader, set)) {
    history.push_back(std::move(set));
  }
  context.TryCancel();
  reader->Finish();
  return history;
}

}  // namespace orewatch::testing

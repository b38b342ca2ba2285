#include "common/rpc/ended_call.h"

#include <vector>

#include "common/rpc/grpc_status.h"

namespace orewatch::rpc {

void WriteLine(log::Level level, const EndedCall& call) {
  const TraceScope scope(call.trace);
  std::vector<log::Field> fields = {{"span_id", call.trace->span.view()},
                                    {"grpc_service", call.service},
                                    {"grpc_method", call.method},
                                    {"code", CodeName(static_cast<int>(call.code))},
                                    {"reason", call.reason},
                                    {"principal", call.principal},
                                    {"duration_ms", absl::ToDoubleMilliseconds(call.ended - call.started)},
                                    {"peer", call.peer}};
  if (!call.through.empty()) {
    fields.emplace_back("through", call.through);
  }
  if (call.deadline != absl::InfiniteFuture()) {
    fields.emplace_back("deadline_ms", absl::ToDoubleMilliseconds(call.deadline - call.started));
    fields.emplace_back("remaining_ms", absl::ToDoubleMilliseconds(call.deadline - call.ended));
  }
  if (!call.trace->parent.empty()) {
    fields.emplace_back("parent_id", call.trace->parent.view());
  }
  if (call.revision.has_value()) {
    fields.emplace_back("revision", *call.revision);
  }
  log::Write(level, "rpc", fields);
}

}  // namespace orewatch::rpc

#include "common/rpc/call_trace.h"

#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace orewatch::rpc {
namespace {

// Empty if it is not there, or there more than once.
absl::string_view ParentOf(const grpc::ServerContextBase& transport) {
  const auto [first, last] = transport.client_metadata().equal_range(kTraceparentHeader);
  if (first == last || std::next(first) != last) {
    return "";
  }
  return {first->second.data(), first->second.size()};
}

// A list, which may come in several headers: as if it came in one.
std::string StateOf(const grpc::ServerContextBase& transport) {
  std::string state;
  const auto [first, last] = transport.client_metadata().equal_range(kTracestateHeader);
  for (auto header = first; header != last; ++header) {
    absl::StrAppend(&state, header == first ? "" : ",",
                    absl::string_view(header->second.data(), header->second.size()));
  }
  return state;
}

}  // namespace

TracePtr TraceOf(const grpc::ServerContextBase& transport) {
  return ContinueTrace(ParentOf(transport), StateOf(transport));
}

}  // namespace orewatch::rpc

#include "common/rpc/stream_counts.h"

#include <grpc/grpc.h>
#include <grpc/support/alloc.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace orewatch::rpc {
namespace {

// As channelz writes it: numbers are strings.
nlohmann::json Parse(char* text) {
  const std::unique_ptr<char, void (*)(void*)> owned(text, gpr_free);
  return text == nullptr ? nlohmann::json() : nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
}

int64_t NumberAt(const nlohmann::json& object, const char* path) {
  const nlohmann::json::json_pointer pointer(path);
  int64_t number = 0;
  if (object.contains(pointer) && object.at(pointer).is_string()) {
    (void)absl::SimpleAtoi(object.at(pointer).get_ref<const std::string&>(), &number);
  }
  return number;
}

const nlohmann::json& ListAt(const nlohmann::json& object, const char* name) {
  static const auto* const none = new nlohmann::json(nlohmann::json::array());
  return object.contains(name) && object.at(name).is_array() ? object.at(name) : *none;
}

int64_t NewestServer() {
  int64_t newest = 0;
  while (true) {
    const nlohmann::json page = Parse(grpc_channelz_get_servers(newest == 0 ? 0 : newest + 1));
    const nlohmann::json& servers = ListAt(page, "server");
    for (const nlohmann::json& server : servers) {
      newest = std::max(newest, NumberAt(server, "/ref/serverId"));
    }
    if (servers.empty() || page.value("end", false)) {
      return newest;
    }
  }
}

}  // namespace

StreamCounts::StreamCounts() : server_(NewestServer()) {}

std::optional<StreamCounts::Counts> StreamCounts::Of(const std::string& peer) {
  const std::optional<int64_t> socket = SocketOf(peer);
  if (!socket.has_value()) {
    return std::nullopt;
  }
  const nlohmann::json described = Parse(grpc_channelz_get_socket(*socket));
  if (!described.is_object()) {
    sockets_.erase(peer);
    return std::nullopt;
  }
  return Counts{
      NumberAt(described, "/socket/data/streamsStarted"),
      NumberAt(described, "/socket/data/streamsSucceeded") + NumberAt(described, "/socket/data/streamsFailed")};
}

std::optional<int64_t> StreamCounts::SocketOf(const std::string& peer) {
  auto found = sockets_.find(peer);
  if (found == sockets_.end()) {
    LearnSockets();
    found = sockets_.find(peer);
  }
  return found == sockets_.end() ? std::nullopt : std::optional(found->second);
}

void StreamCounts::LearnSockets() {
  while (true) {
    const nlohmann::json page = Parse(grpc_channelz_get_server_sockets(server_, unknown_from_, /*max_results=*/0));
    const nlohmann::json& sockets = ListAt(page, "socketRef");
    for (const nlohmann::json& socket : sockets) {
      const int64_t number = NumberAt(socket, "/socketId");
      // "chttp2 ipv4:10.0.0.1:4711"
      const std::string name = socket.value("name", "");
      sockets_[std::string(absl::StripPrefix(name, "chttp2 "))] = number;
      unknown_from_ = std::max(unknown_from_, number + 1);
    }
    if (sockets.empty() || page.value("end", false)) {
      return;
    }
  }
}

}  // namespace orewatch::rpc

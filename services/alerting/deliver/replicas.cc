#include "services/alerting/deliver/replicas.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/http/client.h"
#include "common/log/log.h"
#include "common/status/status.h"

namespace orewatch::alerting {
namespace {

std::string WithoutBrackets(absl::string_view host) {
  absl::ConsumePrefix(&host, "[");
  absl::ConsumeSuffix(&host, "]");
  return std::string(host);
}

std::string NumericAddress(const addrinfo& info) {
  std::array<char, NI_MAXHOST> text{};
  if (getnameinfo(info.ai_addr, info.ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0) {
    return "";
  }
  return info.ai_family == AF_INET6 ? absl::StrCat("[", text.data(), "]") : text.data();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> SystemResolver::Resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(WithoutBrackets(host).c_str(), nullptr, &hints, &found);
  if (error != 0) {
    return MakeError(absl::StatusCode::kUnavailable, "NAME_NOT_RESOLVED",
                     absl::StrCat("cannot look ", host, " up: ", gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list(found, &freeaddrinfo);
  std::vector<std::string> addresses;
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    std::string address = NumericAddress(*info);
    if (!address.empty() && std::find(addresses.begin(), addresses.end(), address) == addresses.end()) {
      addresses.push_back(std::move(address));
    }
  }
  return addresses;
}

ReplicaFinder::ReplicaFinder(const std::vector<std::string>& urls, Resolver& resolver) : resolver_(resolver) {
  for (const std::string& url : urls) {
    const auto host = http::ParseUrlHost("url", url);
    if (host.ok()) {
      urls_.push_back({.base_url = std::string(absl::StripSuffix(url, "/")), .host = host->host, .port = host->port});
    }
  }
}

std::vector<Replica> ReplicaFinder::Find() {
  std::map<std::string, Replica> replicas;
  for (Url& url : urls_) {
    auto addresses = resolver_.Resolve(url.host);
    if (addresses.ok()) {
      url.addresses = *std::move(addresses);
    } else {
      log::Warning("an Alertmanager could not be looked up", {{"status", addresses.status().ToString()}});
    }
    for (const std::string& address : url.addresses) {
      const std::string name = absl::StrCat(address, ":", url.port);
      replicas.emplace(name, Replica{.name = name, .base_url = url.base_url});
    }
  }
  std::vector<Replica> list;
  list.reserve(replicas.size());
  for (auto& [name, replica] : replicas) {
    list.push_back(std::move(replica));
  }
  return list;
}

}  // namespace orewatch::alerting

// An HTTP client for calls to other people's servers: one question, one bounded answer, by a deadline.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace orewatch::http {

// Within a trace (common/trace/trace.h) the request carries it in its header `traceparent`.
struct Request {
  std::string method = "GET";
  // http or https.
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  // From the look-up of the name to the last byte of the answer.
  absl::Duration timeout = absl::Seconds(10);
  size_t max_response_bytes = size_t{1} << 20;
  // `host:port` to connect to instead of what the URL says, which still names the server in headers and certificates.
  std::string connect_to = {};
  // The proxy of the environment is not used.
  bool direct = true;
};

struct Response {
  int status = 0;
  std::string body = {};
  // Seconds that the server asked to be left alone for; zero: none.
  absl::Duration retry_after = absl::ZeroDuration();
};

// Thread-compatible: one call at a time. Keeps its connections for the next call.
class Client {
 public:
  virtual ~Client() = default;
  // Any status that the server answers with is an answer; redirections are not followed. UNAVAILABLE: no answer came;
  // the server may have acted all the same. DEADLINE_EXCEEDED, CANCELLED, RESOURCE_EXHAUSTED: the answer is too large;
  // INVALID_ARGUMENT: the URL is none.
  virtual absl::StatusOr<Response> Send(const Request& request) = 0;
};

// Over libcurl. A call ends as CANCELLED within a second after `cancelled` says so; it is asked on the caller's thread.
std::unique_ptr<Client> NewClient(std::function<bool()> cancelled = [] { return false; });

// The host and port of an http or https URL, its default port if it names none. INVALID_ARGUMENT that blames `setting`
// if it is no such URL, or has a user, a query or a fragment.
struct UrlHost {
  std::string host;
  int port = 0;
};
absl::StatusOr<UrlHost> ParseUrlHost(absl::string_view setting, const std::string& url);

}  // namespace orewatch::http

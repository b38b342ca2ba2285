// A port that takes one kind of POST: the calls of another program's webhook.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace orewatch::http {

// Serves on threads of its own from Start until destroyed.
class PostServer {
 public:
  struct Options {
    // Whom an error blames.
    std::string setting;
    // host:port; port 0 takes a free one.
    std::string address;
    std::string path = "/";
    // A larger body gets 413.
    size_t max_bytes = size_t{4} << 20;
    // For a whole call; who takes longer is cut off.
    absl::Duration patience = absl::Seconds(20);
  };
  // Answers with the HTTP status; runs on several threads.
  using Handler = std::function<int(const std::string& authorization, const std::string& body)>;

  // UNAVAILABLE if the address cannot be bound, INVALID_ARGUMENT if it is none.
  static absl::StatusOr<std::unique_ptr<PostServer>> Start(const Options& options, Handler handler);
  virtual ~PostServer() = default;
  virtual int port() const = 0;
};

}  // namespace orewatch::http

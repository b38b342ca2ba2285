// A webhook of a test: takes whatever it is sent and keeps it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace httplib {
struct Request;
}

namespace orewatch::testing {

// On a free port of 127.0.0.1. Thread-safe.
class WebhookServer {
 public:
  WebhookServer();
  ~WebhookServer();

  std::string url() const;
  std::vector<httplib::Request> requests() const;
  // All of them once there are so many, or time is up.
  std::vector<httplib::Request> Await(size_t count, absl::Duration patience) const;

 private:
  struct Server;
  mutable absl::Mutex mutex_;
  std::vector<httplib::Request> requests_ ABSL_GUARDED_BY(mutex_);
  // Last: fills the rest.
  std::unique_ptr<Server> server_;
};

}  // namespace orewatch::testing

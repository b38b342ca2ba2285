// A registry that is protected in one of three ways, and channels to it.
#pragma once

#include <memory>

#include "common/testing/temp_dir.h"
#include "common/tls/credentials.h"
#include "grpcpp/channel.h"
#include "tests/testing/service_process.h"

namespace orewatch::bench {

enum class Protection { kNone, kTls, kMutualTls };

class Subject {
 public:
  explicit Subject(Protection protection);

  // With a connection of its own, not open yet.
  std::shared_ptr<grpc::Channel> NewChannel() const;

 private:
  const testing::TempDir dir_;
  tls::ChannelSecurity security_;
  std::unique_ptr<testing::ServiceProcess> process_;
};

}  // namespace orewatch::bench

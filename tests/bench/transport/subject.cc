#include "tests/bench/transport/subject.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/certificates.h"
#include "common/time/clock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"
#include "prometheus/registry.h"
#include "tests/bench/support/die.h"

namespace orewatch::bench {
namespace {

std::shared_ptr<tls::WatchedMaterial> Load(const tls::MaterialFiles& files) {
  // Outlive every channel.
  static const auto* const clock = new SystemClock();
  static auto* const metrics = new prometheus::Registry();
  auto loaded = tls::WatchedMaterial::Load({files, "client", absl::InfiniteDuration()}, *clock, *metrics);
  if (!loaded.ok()) {
    Die(std::string(loaded.status().message()));
  }
  return *std::move(loaded);
}

}  // namespace

Subject::Subject(Protection protection) {
  std::vector<std::string> flags = {absl::StrCat("--data_dir=", dir_ / "data"), "--log_level=warning"};
  if (protection != Protection::kNone) {
    const testing::TestAuthority authority;
    const testing::KeyPair server = authority.Issue();
    const testing::KeyPair client = authority.Issue();
    const std::string ca = dir_ / "ca.crt";
    testing::ReplaceFile(ca, authority.certificate());
    testing::ReplaceFile(dir_ / "server.crt", server.certificate);
    testing::ReplaceFile(dir_ / "server.key", server.key);
    testing::ReplaceFile(dir_ / "client.crt", client.certificate);
    testing::ReplaceFile(dir_ / "client.key", client.key);
    flags.push_back(absl::StrCat("--tls_certificate=", dir_ / "server.crt"));
    flags.push_back(absl::StrCat("--tls_key=", dir_ / "server.key"));
    if (protection == Protection::kMutualTls) {
      flags.push_back(absl::StrCat("--tls_client_ca=", ca));
      flags.emplace_back("--tls_client_auth=required");
      security_.material = Load({dir_ / "client.crt", dir_ / "client.key", ca});
    } else {
      security_.material = Load({"", "", ca});
    }
  }
  process_ = std::make_unique<testing::ServiceProcess>("orewatch-registry", dir_ / "log", flags);
}

std::shared_ptr<grpc::Channel> Subject::NewChannel() const {
  grpc::ChannelArguments arguments;
  // Channels to one address share a connection otherwise.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(process_->address(), tls::MakeChannelCredentials(security_), arguments);
}

}  // namespace orewatch::bench

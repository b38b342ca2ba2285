#include "common/auth/auth_metrics.h"

#include <string>

#include "absl/strings/ascii.h"

namespace orewatch::auth {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;

// The families of SourceMetrics.
class Sources {
 public:
  explicit Sources(prometheus::Registry& registry)
      : reloads_(BuildCounter()
                     .Name("orewatch_auth_reloads_total")
                     .Help("Attempts to read what authentication rests on.")
                     .Register(registry)),
        successful_(BuildGauge()
                        .Name("orewatch_auth_last_reload_successful")
                        .Help("1 unless the last attempt to read it failed.")
                        .Register(registry)),
        read_seconds_(BuildGauge()
                          .Name("orewatch_auth_last_reload_success_timestamp_seconds")
                          .Help("When it was read last, changed or not; 0: never.")
                          .Register(registry)) {}

  SourceMetrics Of(const std::string& source) {
    SourceMetrics metrics{&reloads_.Add({{"source", source}, {"result", "ok"}}),
                          &reloads_.Add({{"source", source}, {"result", "error"}}),
                          &successful_.Add({{"source", source}}), &read_seconds_.Add({{"source", source}})};
    metrics.successful->Set(1);
    return metrics;
  }

 private:
  prometheus::Family<prometheus::Counter>& reloads_;
  prometheus::Family<prometheus::Gauge>& successful_;
  prometheus::Family<prometheus::Gauge>& read_seconds_;
};

}  // namespace

const char* NameOf(Credential credential) {
  switch (credential) {
    case Credential::kNone:
      return "none";
    case Credential::kToken:
      return "token";
    case Credential::kKey:
      return "key";
    case Credential::kCertificate:
      return "certificate";
  }
  return "";
}

AuthMetrics::AuthMetrics(prometheus::Registry& registry) : accepted_(), refused_() {
  auto& attempts = BuildCounter()
                       .Name("orewatch_auth_attempts_total")
                       .Help("Calls by what the caller proved himself with, and what came of it.")
                       .Register(registry);
  for (size_t i = 0; i < kCredentialCount; ++i) {
    const std::string credential = NameOf(static_cast<Credential>(i));
    accepted_.at(i) = &attempts.Add({{"credential", credential}, {"outcome", "accepted"}});
    for (size_t j = 0; j < kRefusalCount; ++j) {
      const std::string outcome = absl::AsciiStrToLower(ReasonOf(static_cast<Refusal>(j)));
      refused_.at(i).at(j) = &attempts.Add({{"credential", credential}, {"outcome", outcome}});
    }
  }
  auto& cache = BuildCounter()
                    .Name("orewatch_auth_token_cache_total")
                    .Help("Tokens looked up among those verified before.")
                    .Register(registry);
  cache_hits_ = &cache.Add({{"result", "hit"}});
  cache_misses_ = &cache.Add({{"result", "miss"}});
  token_keys_ = &BuildGauge()
                     .Name("orewatch_auth_token_keys")
                     .Help("Keys that tokens are verified with.")
                     .Register(registry)
                     .Add({});
  Sources sources(registry);
  jwt_keys_ = sources.Of("jwt_keys");
  access_file_ = sources.Of("access_file");
  upstream_key_ = sources.Of("upstream_api_key");
}

}  // namespace orewatch::auth

// What authentication counts. Every series exists at 0 from the start.
#pragma once

#include <array>

#include "common/auth/refusal.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace orewatch::auth {

enum class Credential { kNone, kToken, kKey, kCertificate };
inline constexpr size_t kCredentialCount = 4;
// `none`, `token`, `key` or `certificate`.
const char* NameOf(Credential credential);

// Of something that is read again and again.
struct SourceMetrics {
  prometheus::Counter* succeeded;
  prometheus::Counter* failed;
  // 1 unless the last attempt failed.
  prometheus::Gauge* successful;
  // When it was read, changed or not.
  prometheus::Gauge* read_seconds;
};

// Thread-safe.
class AuthMetrics {
 public:
  explicit AuthMetrics(prometheus::Registry& registry);

  void Accepted(Credential credential) { accepted_.at(static_cast<size_t>(credential))->Increment(); }
  void Refused(Credential credential, Refusal refusal) {
    refused_.at(static_cast<size_t>(credential)).at(static_cast<size_t>(refusal))->Increment();
  }
  prometheus::Counter& cache_hits() { return *cache_hits_; }
  prometheus::Counter& cache_misses() { return *cache_misses_; }
  // Verified keys of tokens.
  prometheus::Gauge& token_keys() { return *token_keys_; }
  const SourceMetrics& jwt_keys() const { return jwt_keys_; }
  const SourceMetrics& access_file() const { return access_file_; }
  const SourceMetrics& upstream_key() const { return upstream_key_; }

 private:
  std::array<prometheus::Counter*, kCredentialCount> accepted_;
  std::array<std::array<prometheus::Counter*, kRefusalCount>, kCredentialCount> refused_;
  prometheus::Counter* cache_hits_;
  prometheus::Counter* cache_misses_;
  prometheus::Gauge* token_keys_;
  SourceMetrics jwt_keys_;
  SourceMetrics access_file_;
  SourceMetrics upstream_key_;
};

}  // namespace orewatch::auth

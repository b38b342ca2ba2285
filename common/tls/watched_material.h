// Certificates that are looked after while they are used: what changes in the files is taken when it is whole and
// sound.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/exec/repeater.h"
#include "common/time/clock.h"
#include "common/tls/material.h"
#include "common/tls/memory_file.h"
#include "common/tls/tls_metrics.h"

namespace grpc::experimental {
class CertificateProviderInterface;
}

namespace orewatch::tls {

// Thread-safe. Outlives the servers and channels that use it, as clock and metrics outlive it.
class WatchedMaterial {
 public:
  struct Options {
    MaterialFiles files;
    // Of the metrics: `server` or `upstream`.
    std::string use = "server";
    // Infinite: only Look looks.
    absl::Duration look_every = absl::Seconds(1);
  };

  // The errors of ReadMaterial and CheckMaterial.
  static absl::StatusOr<std::shared_ptr<WatchedMaterial>> Load(const Options& options, const Clock& clock,
                                                               prometheus::Registry& metrics);

  // Looks at the files once. What is new there is taken when the next look finds the same: a file that is being
  // written, or a pair of which one half has been replaced, is never used. Returns why what lies there is not used, if
  // that is so.
  absl::Status Look();

  // What gRPC takes them from; it notices within a second or two. Null if there are no files.
  std::shared_ptr<grpc::experimental::CertificateProviderInterface> provider() const { return provider_; }
  // Of what is used.
  Validity validity() const;
  bool has_certificate() const { return !options_.files.certificate.empty(); }
  bool has_ca() const { return !options_.files.ca.empty(); }

 private:
  WatchedMaterial(const Options& options, const Clock& clock, prometheus::Registry& metrics);
  absl::Status Begin();
  absl::Status LookLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status TakeLocked(const Material& material) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NoteLocked(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  const Clock& clock_;
  mutable absl::Mutex mutex_;
  TlsMetrics metrics_ ABSL_GUARDED_BY(mutex_);
  Material used_ ABSL_GUARDED_BY(mutex_);
  Validity validity_ ABSL_GUARDED_BY(mutex_);
  // What the last look found.
  Material seen_ ABSL_GUARDED_BY(mutex_);
  absl::Status trouble_ ABSL_GUARDED_BY(mutex_);
  // Certificate and key in one, so that no reader finds the halves of two pairs.
  absl::StatusOr<MemoryFile> pair_ ABSL_GUARDED_BY(mutex_);
  absl::StatusOr<MemoryFile> ca_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<grpc::experimental::CertificateProviderInterface> provider_;
  // Last: uses the rest.
  std::optional<Repeater> looks_;
};

}  // namespace orewatch::tls

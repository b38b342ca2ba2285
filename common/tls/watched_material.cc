#include "common/tls/watched_material.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "grpcpp/security/tls_certificate_provider.h"

namespace orewatch::tls {
namespace {

// The least that gRPC takes.
constexpr unsigned int kProviderLooksEverySeconds = 1;

std::string PairOf(const Material& material) { return absl::StrCat(material.certificate, "\n", material.key); }

double Seconds(absl::Time time) {
  return time == absl::InfiniteFuture() ? 0 : static_cast<double>(absl::ToUnixSeconds(time));
}

}  // namespace

WatchedMaterial::WatchedMaterial(const Options& options, const Clock& clock, prometheus::Registry& metrics)
    : options_(options), clock_(clock), metrics_(metrics, options.use) {}

absl::StatusOr<std::shared_ptr<WatchedMaterial>> WatchedMaterial::Load(const Options& options, const Clock& clock,
                                                                       prometheus::Registry& metrics) {
  std::shared_ptr<WatchedMaterial> material(new WatchedMaterial(options, clock, metrics));
  OREWATCH_RETURN_IF_ERROR(material->Begin());
  return material;
}

absl::Status WatchedMaterial::Begin() {
  OREWATCH_ASSIGN_OR_RETURN(Material material, ReadMaterial(options_.files));
  absl::MutexLock lock(&mutex_);
  OREWATCH_ASSIGN_OR_RETURN(validity_, CheckMaterial(material, options_.files, clock_.Now()));
  pair_ = MemoryFile::Create(PairOf(material));
  OREWATCH_RETURN_IF_ERROR(pair_.status());
  ca_ = MemoryFile::Create(material.ca);
  OREWATCH_RETURN_IF_ERROR(ca_.status());
  const std::string pair = has_certificate() ? pair_->path() : "";
  const std::string ca = has_ca() ? ca_->path() : "";
  if (has_certificate() || has_ca()) {
    provider_ = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(pair, pair, ca,
                                                                                     kProviderLooksEverySeconds);
  }
  seen_ = material;
  used_ = std::move(material);
  NoteLocked(absl::OkStatus());
  if (options_.look_every != absl::InfiniteDuration()) {
    looks_.emplace(
        [this] {
          Look().IgnoreError();
          return options_.look_every;
        },
        options_.look_every);
  }
  return absl::OkStatus();
}

absl::Status WatchedMaterial::Look() {
  absl::MutexLock lock(&mutex_);
  absl::Status status = LookLocked();
  NoteLocked(status);
  return status;
}

absl::Status WatchedMaterial::LookLocked() {
  absl::StatusOr<Material> found = ReadMaterial(options_.files);
  if (!found.ok()) {
    seen_ = Material();
    return found.status();
  }
  const bool settled = *found == seen_;
  seen_ = *std::move(found);
  if (!settled || seen_ == used_) {
    return seen_ == used_ ? absl::OkStatus() : trouble_;
  }
  return TakeLocked(seen_);
}

absl::Status WatchedMaterial::TakeLocked(const Material& material) {
  OREWATCH_ASSIGN_OR_RETURN(const Validity validity, CheckMaterial(material, options_.files, clock_.Now()));
  // The authorities first: what others show may already be signed by a new one.
  OREWATCH_RETURN_IF_ERROR(ca_->Replace(material.ca));
  OREWATCH_RETURN_IF_ERROR(pair_->Replace(PairOf(material)));
  used_ = material;
  validity_ = validity;
  metrics_.reloads().Increment();
  log::Info("certificates reloaded", {{"use", options_.use},
                                      {"certificate", options_.files.certificate},
                                      {"not_after", absl::FormatTime(validity.certificate, absl::UTCTimeZone())}});
  return absl::OkStatus();
}

void WatchedMaterial::NoteLocked(const absl::Status& status) {
  metrics_.certificate_not_after().Set(Seconds(validity_.certificate));
  metrics_.ca_not_after().Set(Seconds(validity_.ca));
  metrics_.last_reload_successful().Set(status.ok() ? 1 : 0);
  // Once, not at each look.
  if (!status.ok() && status != trouble_) {
    log::Warning("certificates not reloaded; the old ones are used",
                 {{"use", options_.use}, {"error", std::string(status.message())}});
  }
  trouble_ = status;
}

Validity WatchedMaterial::validity() const {
  absl::MutexLock lock(&mutex_);
  return validity_;
}

}  // namespace orewatch::tls

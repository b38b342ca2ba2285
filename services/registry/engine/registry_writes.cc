// What callers change: the part of the registry that takes it, once for each request.
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/hash/sha256.h"
#include "common/status/status.h"
#include "services/registry/engine/metadata.h"
#include "services/registry/engine/registry.h"

namespace orewatch::registry {
namespace {

constexpr char kOnlyValidated[] = "ONLY_VALIDATED";

// Before it is committed: a caller must be able to take the answer.
absl::StatusOr<std::string> CheckAnswer(const v1::ApplyChangesResponse& response) {
  return response.ByteSizeLong() <= kMaxPageBytes
             ? absl::StatusOr<std::string>(response.SerializeAsString())
             : InvalidField("mutations", "are more than an answer can tell of; send fewer at once, or import them");
}

}  // namespace

absl::StatusOr<Registry::WriteAnswer> Registry::WriteOnce(const WriteOptions& options,
                                                          const std::vector<EntryKey>& touched, const Body& body) {
  WriteAnswer answer;
  bool mismatch = false;
  const std::string digest = Sha256Of(options.payload);
  const auto write = [&](WriteTransaction& transaction) -> absl::Status {
    const bool repeatable = !options.author.request_id.empty() && !options.validate_only;
    if (repeatable) {
      OREWATCH_ASSIGN_OR_RETURN(const auto past, transaction.FindRequest(options.author));
      if (past.has_value()) {
        answer = {past->answer, /*replayed=*/true};
        mismatch = past->digest != digest;
        return mismatch ? InvalidField("request_id", "was used for another request within the last day")
                        : absl::OkStatus();
      }
    }
    OREWATCH_ASSIGN_OR_RETURN(answer.bytes, body(transaction));
    if (options.validate_only) {
      return MakeError(absl::StatusCode::kCancelled, kOnlyValidated, "rolled back");
    }
    return repeatable ? transaction.KeepRequest(options.author, {digest, answer.bytes}) : absl::OkStatus();
  };
  const auto committed = store_.CommitTouching(touched, options.author, write);
  if (metrics_ != nullptr && answer.replayed) {
    mismatch ? metrics_->CountMismatch() : metrics_->CountReplay();
  }
  if (!committed.ok() && ErrorReason(committed.status()) != kOnlyValidated) {
    return committed.status();
  }
  return answer;
}

absl::StatusOr<std::string> Registry::WriteAndCount(const std::vector<Mutation>& mutations, const WriteOptions& options,
                                                    const Body& body) {
  absl::StatusOr<WriteAnswer> answer = WriteAnswer();
  if (absl::Status status = CheckMutations(mutations); status.ok()) {
    answer = WriteOnce(options, TouchedBy(mutations), body);
  } else {
    answer = std::move(status);
  }
  const bool counts = metrics_ != nullptr && !options.validate_only;
  if (counts && !answer.ok()) {
    metrics_->CountFailure(mutations, answer.status());
  } else if (counts) {
    metrics_->CountMutations(
        mutations, answer->replayed ? RegistryMetrics::Outcome::kReplayed : RegistryMetrics::Outcome::kCommitted);
  }
  OREWATCH_RETURN_IF_ERROR(answer.status());
  return std::move(answer->bytes);
}

absl::StatusOr<v1::Entry> Registry::Apply(const Mutation& mutation, const WriteOptions& options) {
  const std::vector<Mutation> mutations = {mutation};
  OREWATCH_ASSIGN_OR_RETURN(
      const std::string answer,
      WriteAndCount(mutations, options, [&](WriteTransaction& transaction) -> absl::StatusOr<std::string> {
        ChangeSetWriter writer(transaction, options.author.principal, store_.lineage());
        OREWATCH_RETURN_IF_ERROR(writer.ApplyAll(mutations));
        return Shown(writer.results().front()).SerializeAsString();
      }));
  v1::Entry entry;
  entry.ParseFromString(answer);
  return entry;
}

absl::StatusOr<v1::ApplyChangesResponse> Registry::ApplyAll(const std::vector<Mutation>& mutations,
                                                            const WriteOptions& options) {
  if (mutations.empty() || mutations.size() > kMaxMutations) {
    return InvalidField("mutations", absl::StrCat("must be between 1 and ", kMaxMutations));
  }
  OREWATCH_ASSIGN_OR_RETURN(
      const std::string answer,
      WriteAndCount(mutations, options, [&](WriteTransaction& transaction) -> absl::StatusOr<std::string> {
        ChangeSetWriter writer(transaction, options.author.principal, store_.lineage());
        OREWATCH_RETURN_IF_ERROR(writer.ApplyAll(mutations));
        v1::ApplyChangesResponse response;
        *response.mutable_revision() = RevisionOf(transaction.revision() - (writer.changed() ? 0 : 1));
        for (size_t i = 0; i < mutations.size(); ++i) {
          auto& result = *response.add_results();
          result.set_name(mutations[i].key);
          if (IsResource(mutations[i].kind) && !writer.results()[i].key.empty()) {
            result.set_etag(EtagOf(store_.lineage(), writer.results()[i].from_revision));
          }
        }
        return CheckAnswer(response);
      }));
  v1::ApplyChangesResponse response;
  response.ParseFromString(answer);
  return response;
}

}  // namespace orewatch::registry

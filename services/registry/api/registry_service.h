// orewatch.registry.v1.Registry over the registry's rules.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "common/rpc/service.h"
#include "services/registry/domain/visibility.h"
#include "services/registry/engine/registry.h"

namespace orewatch::registry {

// Standard methods are bound by their descriptors: Get, List, Create, Update, Delete and Undelete of every kind share
// one handler each. Thread-safe; the registry outlives it.
class RegistryService {
 public:
  // `trusted_followers`: principals who are streamed what has an owner, too, provided that they are services of ours.
  explicit RegistryService(Registry& registry, std::set<std::string> trusted_followers = {});
  rpc::Service& service() { return service_; }

 private:
  using Handler = absl::StatusOr<MessagePtr> (RegistryService::*)(const KindInfo&, const rpc::CallContext&,
                                                                  const google::protobuf::Message&);
  void BindKind(const KindInfo& info);
  void Bind(const std::string& method, rpc::Runs runs, const KindInfo& info, Handler handler);
  void BindGet(const KindInfo& info);
  void BindBatches();
  void BindHistory();
  void BindSearch();
  void BindStatistics();
  void BindStreams();

  absl::StatusOr<MessagePtr> Get(const KindInfo& info, const rpc::CallContext& context,
                                 const google::protobuf::Message& request);
  // Nothing: Get has to.
  std::optional<absl::StatusOr<std::string>> GetAtOnce(const KindInfo& info, const rpc::CallContext& context,
                                                       const google::protobuf::Message& request);
  absl::StatusOr<MessagePtr> List(const KindInfo& info, const rpc::CallContext& context,
                                  const google::protobuf::Message& request);
  absl::StatusOr<MessagePtr> Create(const KindInfo& info, const rpc::CallContext& context,
                                    const google::protobuf::Message& request);
  absl::StatusOr<MessagePtr> Update(const KindInfo& info, const rpc::CallContext& context,
                                    const google::protobuf::Message& request);
  absl::StatusOr<MessagePtr> Delete(const KindInfo& info, const rpc::CallContext& context,
                                    const google::protobuf::Message& request);
  absl::StatusOr<MessagePtr> Undelete(const KindInfo& info, const rpc::CallContext& context,
                                      const google::protobuf::Message& request);

  Viewer ViewerOf(const rpc::CallContext& context) const;
  absl::StatusOr<v1::BatchGetResponse> BatchGet(const rpc::CallContext& context,
                                                const v1::BatchGetRequest& request) const;
  absl::StatusOr<v1::ListChangesResponse> ListChanges(const rpc::CallContext& context,
                                                      const v1::ListChangesRequest& request) const;
  absl::StatusOr<v1::GetHeadResponse> GetHead(const v1::GetHeadRequest& request) const;
  absl::StatusOr<bool> Continues(const v1::GetHeadRequest& request) const;

  Registry& registry_;
  const std::set<std::string> trusted_followers_;
  rpc::Service service_;
};

}  // namespace orewatch::registry

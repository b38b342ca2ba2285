// Whatever comes as a request is sized without harm, and what can be decoded takes not many times what was said.
#include <cstdint>
#include <cstdlib>

#include "common/rpc/decoded_size.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "orewatch/registry/v1/registry.pb.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = static_cast<int>(size);
  orewatch::registry::v1::ApplyChangesRequest request;
  google::protobuf::io::ArrayInputStream in(data, bytes);
  const size_t said = orewatch::rpc::DecodedSize(in, *request.GetDescriptor());
  // What any message has of its own before there is anything in it.
  constexpr size_t kSlack = 4096;
  constexpr size_t kTimes = 4;
  if (request.ParseFromArray(data, bytes) && request.SpaceUsedLong() > kTimes * said + kSlack) {
    std::abort();
  }
  return 0;
}

#include "common/time/proto_time.h"

#include <cstdint>
#include <type_traits>

namespace orewatch {
namespace {

template <typename Proto>
Proto Split(absl::Duration duration) {
  Proto proto;
  absl::Duration rest;
  int64_t seconds = absl::IDivDuration(duration, absl::Seconds(1), &rest);
  // Nanoseconds of a timestamp count forward, also before the epoch.
  if (rest < absl::ZeroDuration() && std::is_same_v<Proto, google::protobuf::Timestamp>) {
    seconds -= 1;
    rest += absl::Seconds(1);
  }
  proto.set_seconds(seconds);
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return proto;
}

template <typename Proto>
absl::Duration Joined(const Proto& proto) {
  return absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

}  // namespace

google::protobuf::Timestamp ToProto(absl::Time time) {
  return Split<google::protobuf::Timestamp>(time - absl::UnixEpoch());
}
google::protobuf::Duration ToProto(absl::Duration duration) { return Split<google::protobuf::Duration>(duration); }
absl::Time FromProto(const google::protobuf::Timestamp& timestamp) { return absl::UnixEpoch() + Joined(timestamp); }
absl::Duration FromProto(const google::protobuf::Duration& duration) { return Joined(duration); }

}  // namespace orewatch

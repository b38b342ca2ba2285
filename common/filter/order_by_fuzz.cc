// libFuzzer entry: any order over any two messages. The order must be one, and its canonical text mean the same.
#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/filter/lexer.h"
#include "common/filter/order_by.h"
#include "google/protobuf/stubs/logging.h"
#include "orewatch/testing/v1/specimen.pb.h"

namespace {

using orewatch::filter::OrderBy;
using orewatch::testing::v1::Specimen;

void Check(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

// Protobuf would log every string that is not UTF-8, which costs more than the rest.
extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  google::protobuf::SetLogHandler(nullptr);
  return 0;
}

// The order ends at the first NUL; what follows, cut in two, are the specimens, serialized. Bytes that are no specimen
// leave as much of one as could be read.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string input(data, data + size);
  const std::string text = input.substr(0, input.find('\0'));
  const auto order = OrderBy::Parse(text, *Specimen::descriptor());
  if (!order.ok()) {
    Check(order.status().code() == absl::StatusCode::kInvalidArgument);
    return 0;
  }
  const std::string rest = input.substr(std::min(text.size() + 1, input.size()));
  Specimen a;
  (void)a.ParseFromString(rest.substr(0, rest.size() / 2));
  Specimen b;
  (void)b.ParseFromString(rest.substr(rest.size() / 2));
  const auto compared = order->Compare(a, b);
  Check(order->Compare(b, a) == 0 <=> compared);
  Check(std::is_eq(order->Compare(a, a)) && (std::is_neq(compared) || a.name() == b.name()));
  if (order->canonical().size() <= orewatch::filter::kMaxTextBytes) {
    const auto again = OrderBy::Parse(order->canonical(), *Specimen::descriptor());
    Check(again.ok() && again->canonical() == order->canonical() && again->Compare(a, b) == compared);
  }
  return 0;
}

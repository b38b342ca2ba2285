#include "common/log/line_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"

namespace orewatch::log {
namespace {

// For what is expected to come about.
constexpr absl::Duration kLongEnough = absl::Seconds(20);

// Both ends of a pipe.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe(ends_.data()), 0); }
  ~Pipe() {
    CloseReader();
    close(ends_[1]);
  }
  void CloseReader() { close(std::exchange(ends_[0], -1)); }
  int writer() const { return ends_[1]; }
  // As many lines as there are until the given one.
  std::vector<std::string> ReadUntil(const std::string& last) {
    std::string text;
    std::array<char, 4096> part{};
    while (text.size() < last.size() + 1 || text.substr(text.size() - last.size() - 1) != last + "\n") {
      const ssize_t size = read(ends_[0], part.data(), part.size());
      if (size <= 0) {
        ADD_FAILURE() << "no line " << last;
        break;
      }
      text.append(part.data(), static_cast<size_t>(size));
    }
    std::vector<std::string> lines = absl::StrSplit(text, '\n');
    lines.pop_back();
    return lines;
  }

 private:
  std::array<int, 2> ends_{};
};

LineWriter& StartOn(const Pipe& pipe, size_t max_waiting) {
  return LineWriter::Start({pipe.writer(), max_waiting, [](int64_t count) { return absl::StrCat("lost ", count); }});
}

TEST(LineWriterTest, WritesLinesInTheirOrder) {
  Pipe pipe;
  LineWriter& writer = StartOn(pipe, 100);
  for (int i = 0; i < 50; ++i) {
    writer.Post(absl::StrCat("line ", i));
  }
  const std::vector<std::string> lines = pipe.ReadUntil("line 49");
  ASSERT_EQ(lines.size(), 50);
  for (size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i], absl::StrCat("line ", i));
  }
  EXPECT_TRUE(writer.Flush(kLongEnough));
  EXPECT_EQ(writer.dropped(), 0);
}

TEST(LineWriterTest, WaitsForNoReaderAndDropsTheOldest) {
  constexpr int64_t kLines = 5000;
  constexpr size_t kWaiting = 100;
  Pipe pipe;
  LineWriter& writer = StartOn(pipe, kWaiting);
  const std::string padding(200, 'x');
  int64_t posted = 0;
  // Until the pipe is full: what comes faster than it is written would be dropped before.
  while (posted < kLines && writer.Flush(absl::Milliseconds(10))) {
    writer.Post(absl::StrCat(posted++, padding));
  }
  while (posted < kLines) {
    writer.Post(absl::StrCat(posted++, padding));
  }
  EXPECT_GT(writer.dropped(), 0);
  EXPECT_FALSE(writer.Flush(absl::Milliseconds(10)));
  writer.Post("last");
  // Once somebody reads again, everything is there or said to be lost, and the newest are there.
  int64_t lost = 0;
  int64_t latest = -1;
  int64_t written = 0;
  const std::vector<std::string> lines = pipe.ReadUntil("last");
  for (size_t i = 0; i + 1 < lines.size(); ++i) {
    int64_t number = 0;
    if (lines[i].substr(0, 5) == "lost ") {
      ASSERT_TRUE(absl::SimpleAtoi(lines[i].substr(5), &number));
      lost += number;
    } else {
      ASSERT_TRUE(absl::SimpleAtoi(lines[i].substr(0, lines[i].size() - padding.size()), &number)) << lines[i];
      ASSERT_GT(number, latest);
      latest = number;
      ++written;
    }
  }
  EXPECT_EQ(latest, kLines - 1);
  EXPECT_EQ(written + lost, kLines);
  EXPECT_TRUE(writer.Flush(kLongEnough));
  EXPECT_EQ(writer.dropped(), lost);
}

TEST(LineWriterTest, OutlivesItsReader) {
  Pipe pipe;
  LineWriter& writer = StartOn(pipe, 100);
  pipe.CloseReader();
  writer.Post("to nobody");
  EXPECT_TRUE(writer.Flush(kLongEnough));
  EXPECT_EQ(writer.dropped(), 1);
}

TEST(LineWriterTest, WritesToADescriptorThatDoesNotBlock) {
  Pipe pipe;
  ASSERT_EQ(fcntl(pipe.writer(), F_SETFL, O_NONBLOCK), 0);
  LineWriter& writer = StartOn(pipe, 2000);
  const std::string padding(200, 'x');
  for (int i = 0; i < 1000; ++i) {
    writer.Post(padding);
  }
  writer.Post("last");
  EXPECT_EQ(pipe.ReadUntil("last").size(), 1001);
}

}  // namespace
}  // namespace orewatch::log

// A picture as an SVG document.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace orewatch::ctl {

// Sizes are in pixels, from the upper left corner. What things look like is a matter of their class: `mark`, `faint`,
// `line`, `axis`, `title`, `label`. Colours follow the reader's light or dark scheme. Texts may hold anything.
class Svg {
 public:
  struct Point {
    double x = 0;
    double y = 0;
  };
  enum class Anchor { kStart, kMiddle, kEnd };

  void Rectangle(Point corner, double width, double height, absl::string_view cls);
  void Line(Point from, Point to, absl::string_view cls);
  void Path(const std::vector<Point>& points, absl::string_view cls);
  // `hint` is shown when the pointer rests on it.
  void Dot(Point centre, absl::string_view hint);
  void Text(Point at, Anchor anchor, absl::string_view text, absl::string_view cls);

  // `description` is read out to who does not see the picture.
  std::string Document(double width, double height, absl::string_view description) const;

 private:
  std::string body_;
};

}  // namespace orewatch::ctl

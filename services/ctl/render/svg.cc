#include "services/ctl/render/svg.h"

#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace orewatch::ctl {
namespace {

constexpr char kStyle[] = R"(
    svg { background: #fff; font: 13px system-ui, sans-serif; color: #1c2733; }
    text { fill: currentColor; }
    .title { font-size: 15px; font-weight: 600; }
    .mark { fill: #1f6fb2; }
    .faint { fill: #9fb3c5; }
    .line { fill: none; stroke: #1f6fb2; stroke-width: 2; }
    .range { stroke: #9fb3c5; stroke-width: 5; stroke-opacity: .6; }
    .open { stroke: #9fb3c5; stroke-width: 5; stroke-opacity: .6; stroke-dasharray: 3 3; }
    .axis { stroke: currentColor; stroke-opacity: .25; }
    @media (prefers-color-scheme: dark) {
      svg { background: #10161d; color: #dfe7ee; }
      .mark { fill: #63a9e3; }
      .line { stroke: #63a9e3; }
    }
  )";

std::string Escaped(absl::string_view text) {
  std::string kept;
  for (const char c : text) {
    // XML has no other control characters.
    const bool control = static_cast<unsigned char>(c) < ' ' && c != '\t' && c != '\n';
    kept.push_back(control ? ' ' : c);
  }
  return absl::StrReplaceAll(kept, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

const char* NameOf(Svg::Anchor anchor) {
  switch (anchor) {
    case Svg::Anchor::kMiddle:
      return "middle";
    case Svg::Anchor::kEnd:
      return "end";
    case Svg::Anchor::kStart:
      break;
  }
  return "start";
}

}  // namespace

void Svg::Rectangle(Point corner, double width, double height, absl::string_view cls) {
  absl::StrAppendFormat(&body_, "  <rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" class=\"%s\"/>\n",
                        corner.x, corner.y, width, height, cls);
}

void Svg::Line(Point from, Point to, absl::string_view cls) {
  absl::StrAppendFormat(&body_, "  <line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" class=\"%s\"/>\n", from.x,
                        from.y, to.x, to.y, cls);
}

void Svg::Path(const std::vector<Point>& points, absl::string_view cls) {
  std::string path;
  for (const Point& point : points) {
    absl::StrAppendFormat(&path, "%c%.2f %.2f", path.empty() ? 'M' : 'L', point.x, point.y);
  }
  absl::StrAppendFormat(&body_, "  <path d=\"%s\" class=\"%s\"/>\n", path, cls);
}

void Svg::Dot(Point centre, absl::string_view hint) {
  absl::StrAppendFormat(&body_,
                        "  <circle cx=\"%.2f\" cy=\"%.2f\" r=\"3.5\" class=\"mark\"><title>%s</title></circle>\n",
                        centre.x, centre.y, Escaped(hint));
}

void Svg::Text(Point at, Anchor anchor, absl::string_view text, absl::string_view cls) {
  absl::StrAppendFormat(&body_, "  <text x=\"%.2f\" y=\"%.2f\" text-anchor=\"%s\" class=\"%s\">%s</text>\n", at.x, at.y,
                        NameOf(anchor), cls, Escaped(text));
}

std::string Svg::Document(double width, double height, absl::string_view description) const {
  return absl::StrFormat(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" "
      "role=\"img\">\n"
      "  <title>%s</title>\n  <style>%s</style>\n%s</svg>\n",
      width, height, width, height, Escaped(description), kStyle, body_);
}

}  // namespace orewatch::ctl

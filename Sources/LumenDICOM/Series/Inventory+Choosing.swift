// SPDX-License-Identifier: Apache-2.0
public import LumenCore

extension Inventory {
  /// The same volumes, each divided into its regular runs of slices (``Series/split(limits:)``).
  ///
  /// - Throws: as ``Series/split(limits:)``.
  public func splitting(limits: Limits = .standard) throws(ImageError) -> Inventory {
    var copy = self
    copy.series = []
    for volume in series { copy.series += try volume.split(limits: limits) }
    return copy
  }

  /// The one volume that is meant where nothing was said, or the one of a number.
  ///
  /// Without a number: the only volume, localizers left aside; of a series whose volumes differ in time only, the first.
  ///
  /// - Parameter number: counts all volumes in their order, from 1.
  /// - Returns: the volume, and what the user has to know about the others; nil when there is nothing to say.
  /// - Throws: `notFound` when there is none; `invalidParameter` listing the volumes when several could be meant.
  public func choose(_ number: Int? = nil) throws(ImageError) -> (series: Series, note: String?) {
    guard let first = series.first else {
      throw ImageError(
        .notFound, "no DICOM series with an image among \(rejected.count) files",
        hint: rejected.first.map { "the first file: \($0.error.what)" })
    }
    if let number {
      guard series.indices.contains(number - 1) else {
        throw ImageError(.invalidParameter, "volume \(number) is asked for, there are \(series.count)", hint: listing)
      }
      return (series[number - 1], nil)
    }
    if series.count == 1 { return (first, nil) }
    if series.allSatisfy(\.isTimePoint), Set(series.map(\.seriesInstanceUID)).count == 1 {
      return (
        first, "volume 1 of \(series.count) (time); --volume 2 takes the second, --volume all every one"
      )
    }
    let images = series.filter { s in !s.notes.contains { $0.kind == .localizer } }
    if images.count == 1 {
      let left = series.count - 1
      return (images[0], left == 1 ? "1 localizer is left out" : "\(left) localizers are left out")
    }
    throw ImageError(
      .invalidParameter, "\(series.count) volumes, expected one", hint: "choose one with --volume NUMBER: \(listing)")
  }

  /// "1: axial, 512 × 512 × 40; 2: localizer …"; at most 20.
  private var listing: String {
    let lines = series.prefix(20).enumerated().map { i, s in
      let words = [s.modality, s.label, "\(s.size.columns) × \(s.size.rows) × \(s.size.slices)"]
      return "\(i + 1): \(words.filter { !$0.isEmpty }.joined(separator: ", "))"
    }
    return (lines + (series.count > 20 ? ["…"] : [])).joined(separator: "; ")
  }
}

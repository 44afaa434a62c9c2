// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// The standard histogram of a kind of image: intensities that its percentiles are mapped to.
///
/// Written as percentile:intensity, separated by commas: "1:0,50:40.5,99:100".
/// Source: Nyúl & Udupa 1999.
public struct NyulStandard: Sendable, Equatable, LosslessStringConvertible {
  /// Percentiles, rising, 0 … 100.
  public let percentiles: [Double]
  /// The intensity of each, rising.
  public let values: [Double]

  /// 1, 10, 20 … 90, 99: the percentiles of the paper's decile landmarks.
  public static let deciles: [Double] = [1] + stride(from: 10, through: 90, by: 10) + [99]

  /// The percentiles 1 and 99 mapped to 0 and 100.
  public init() { (percentiles, values) = ([1, 99], [0, 100]) }

  /// Landmarks by their percentiles.
  ///
  /// - Throws: `invalidParameter` unless there are at least two, as many values as percentiles, all finite,
  ///   percentiles strictly rising within 0 … 100 and values not falling.
  public init(percentiles: [Double], values: [Double]) throws(ImageError) {
    try Self.requireRising(percentiles)
    guard percentiles.count == values.count, values.allSatisfy(\.isFinite),
      zip(values, values.dropFirst()).allSatisfy({ $0 <= $1 })
    else {
      throw ImageError(
        .invalidParameter,
        "the intensities of the standard are \"\(values.map(shortest).joined(separator: ","))\", expected "
          + "\(percentiles.count), finite and not falling")
    }
    (self.percentiles, self.values) = (percentiles, values)
  }

  private static func requireRising(_ percentiles: [Double]) throws(ImageError) {
    guard percentiles.count >= 2, percentiles.allSatisfy({ 0...100 ~= $0 }),
      zip(percentiles, percentiles.dropFirst()).allSatisfy({ $0 < $1 })
    else {
      throw ImageError(
        .invalidParameter,
        "the percentiles are \"\(percentiles.map(shortest).joined(separator: ","))\", expected two or more, rising "
          + "within 0 … 100")
    }
  }

  /// The landmarks of one image: what others are mapped to so that their histograms match its own.
  ///
  /// - Parameter above: landmarks are percentiles of the finite voxels above this.
  /// - Throws: `invalidParameter` for percentiles that do not rise, or an image without voxels above the threshold.
  public init(
    matching reference: AnyVolume, percentiles: [Double] = deciles, above: Double = 0
  ) throws(ImageError) {
    try Self.requireRising(percentiles)
    let landmarks = reference.percentiles(percentiles, above: above)
    guard !landmarks.isEmpty else {
      throw ImageError(.invalidParameter, "the reference has no finite voxel above \(shortest(above))")
    }
    try self.init(percentiles: percentiles, values: landmarks)
  }

  /// The mean landmarks of a set of images, each first mapped so that its outermost landmarks are `lower` and `upper`.
  ///
  ///     m[k] = mean over images of lower + (p[k] − p[first]) · (upper − lower) / (p[last] − p[first])
  ///
  /// - Parameter above: landmarks are percentiles of the finite voxels above this.
  /// - Throws: `invalidParameter` without images, for bounds that are not in order, or for an image whose outermost
  ///   landmarks are equal.
  public init(
    learning images: [AnyVolume], percentiles: [Double] = deciles, lower: Double = 0, upper: Double = 100,
    above: Double = 0
  ) throws(ImageError) {
    try self.init(
      learning: images.indices, percentiles: percentiles, lower: lower, upper: upper, above: above
    ) { i throws(ImageError) in
      images[i]
    }
  }

  /// The same, with one image in memory at a time: `image` gives that of an item.
  public init<Items: Collection>(
    learning items: Items, percentiles: [Double] = deciles, lower: Double = 0, upper: Double = 100, above: Double = 0,
    image: (Items.Element) throws(ImageError) -> AnyVolume
  ) throws(ImageError) {
    guard !items.isEmpty else {
      throw ImageError(.invalidParameter, "no image is given, a standard is learnt from at least one")
    }
    try requireOrder(lower, upper)
    try Self.requireRising(percentiles)
    var sums = [Double](repeating: 0, count: percentiles.count)
    for (n, item) in zip(1..., items) {
      let landmarks = try image(item).percentiles(percentiles, above: above)
      guard let first = landmarks.first, let last = landmarks.last, first < last else {
        throw ImageError(
          .invalidParameter, "image \(n) has no range between its outermost percentiles above \(shortest(above))")
      }
      for k in sums.indices { sums[k] += lower + (landmarks[k] - first) * (upper - lower) / (last - first) }
    }
    try self.init(percentiles: percentiles, values: sums.map { $0 / Double(items.count) })
  }

  /// Parses "1:0,50:40.5,99:100"; nil for anything else.
  public init?(_ text: String) {
    var percentiles: [Double] = [], values: [Double] = []
    for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = pair.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let percentile = Double(parts[0]), let value = Double(parts[1]) else { return nil }
      percentiles.append(percentile)
      values.append(value)
    }
    try? self.init(percentiles: percentiles, values: values)
  }

  /// "1:0,50:40.5,99:100".
  public var description: String {
    zip(percentiles, values).map { "\(shortest($0)):\(shortest($1))" }.joined(separator: ",")
  }
}

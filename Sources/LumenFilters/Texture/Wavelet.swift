// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Which filter along each axis: L low-pass, H high-pass, in the order x, y, z.
public enum Subband: String, Sendable, CaseIterable {
  case lll = "LLL", llh = "LLH", lhl = "LHL", lhh = "LHH", hll = "HLL", hlh = "HLH", hhl = "HHL", hhh = "HHH"
  case ll = "LL", lh = "LH", hl = "HL", hh = "HH"
}

/// One sub-band of the undecimated separable wavelet transform.
///
///     level n: the low-pass filters of levels 1 … n − 1 along all axes, then the sub-band's; those of level m have
///     2ᵐ⁻¹ − 1 zeros between their values
///
/// - Shape: any columns × rows × slices → same geometry. An axis of one voxel is left alone. A single slice, and each
///   slice by itself when planar, takes sub-bands of two letters.
/// - Range: NaN and infinity spread to every voxel whose kernel touches them.
/// - Accuracy: within 2e-6 of the largest magnitude of the input from the double-precision sum; the same bits for any
///   number of threads.
/// - Cost: O(voxels · filter length · 2ⁿ) per distinct pass; a volume of scratch from level 2 on.
/// - Throws: `invalidParameter` for a level outside 1 … 8 or a sub-band whose letters are not as many as the axes.
/// - Source: IBSI 2 reference manual, separable wavelets; Shensa 1992 (à trous).
public struct Wavelet: Filter {
  /// The wavelet.
  public var family = WaveletFamily.coif1
  /// Low or high pass along each axis.
  public var subband = Subband.lll
  /// How often the low-pass part was split before.
  public var level = 1
  /// Whether and how the result is made independent of right-angle rotations.
  public var pooling = RotationPooling.none
  /// Filters each slice for itself.
  public var planar = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.mirror

  /// The first low-pass band of Coiflet 1.
  public init() {}
  /// A sub-band of a wavelet.
  public init(
    _ family: WaveletFamily, subband: Subband, level: Int = 1, pooling: RotationPooling = .none, planar: Bool = false,
    boundary: BoundaryCondition = .mirror
  ) {
    self.family = family
    self.subband = subband
    self.level = level
    self.pooling = pooling
    self.planar = planar
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "wavelet", summary: "sub-band of the undecimated separable wavelet transform", source: "IBSI 2, separable wavelets",
    parameters: [
      Parameter(\.family, "family", "the wavelet"),
      Parameter(\.subband, "subband", "low (L) or high (H) pass along x, y, z; two letters for slices"),
      Parameter(\.level, "level", 1...8, "decomposition level"),
      Parameter(\.pooling, "pooling", "what is made of the responses over the rotations by right angles"),
      Parameter(\.planar, "planar", "each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
    ])

  /// The sub-band, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// The kernels' radius on each slice of the result.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? {
    if planar || geometry.size.slices == 1 { return 0 }
    guard boundary != .periodic, 1...8 ~= level else { return nil }
    return (1...level).reduce(0) { $0 + kernel("L", $1).radius }
  }

  /// The sub-band.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    let flat = try isFlat(volume.size), letters = Array(subband.rawValue.prefix(flat ? 2 : 3))
    let rotations = pooling == .none ? [RightAngleRotation.identity] : RightAngleRotation.all(axes: flat ? 2 : 3)
    // Rotations that flip the same axes share the low-pass filters of the levels before.
    var groups: [[RightAngleRotation]] = []
    for r in rotations {
      let known = level == 1 ? groups.indices.first : groups.firstIndex { $0[0].flips == r.flips }
      if let known { groups[known].append(r) } else { groups.append([r]) }
    }
    let weight = pooling == .mean ? 1 / Double(rotations.count) : 1
    let pooling = pooling
    return Volume(volume.geometry) { out in
      guard let to = out.baseAddress else { return }
      nonisolated(unsafe) let target = to
      for (i, group) in groups.enumerated() {
        let isFirst = i == 0
        let terms = group.map { term($0, letters, level, volume.size, times: weight) }
        let channels = pooling == .max ? terms.map { [$0] } : [terms], count = channels.count
        SeparableConvolution(channels: channels, boundary: boundary)
          .forEachRow(lowPassed(volume, group[0])) { rows, offset, n in
            let to = target + offset, first = rows[0]
            for row in rows[1..<count] {
              for x in 0..<n { first[x] = largest(first[x], row[x]) }
            }
            if isFirst {
              to.update(from: first, count: n)
            } else if pooling == .max {
              for x in 0..<n { to[x] = largest(to[x], first[x]) }
            } else {
              for x in 0..<n { to[x] += first[x] }
            }
          }
      }
    }
  }

  /// All sub-bands of this level and family, in the order LLL, LLH … HHH (of slices LL, LH, HL, HH), without rotations;
  /// one pass over the image makes them.
  public func subbands(_ volume: Volume<Float>) throws(ImageError) -> [(subband: Subband, volume: Volume<Float>)] {
    var any = self
    any.subband = planar ? .ll : .lll
    let flat = try any.isFlat(volume.size)
    let bands = Subband.allCases.filter { $0.rawValue.count == (flat ? 2 : 3) }
    let terms = bands.map { [term(.identity, Array($0.rawValue), level, volume.size, times: 1)] }
    var results = bands.map { _ in Volume<Float>(volume.geometry) { _ in } }
    var pointers: [UnsafeMutablePointer<Float>] = []
    for i in results.indices { results[i].withMutableVoxels { if let p = $0.baseAddress { pointers.append(p) } } }
    nonisolated(unsafe) let targets = pointers
    SeparableConvolution(channels: terms, boundary: boundary)
      .forEachRow(lowPassed(volume, .identity)) { rows, offset, n in
        for i in 0..<targets.count { (targets[i] + offset).update(from: rows[i], count: n) }
      }
    return Array(zip(bands, results)).map { (subband: $0.0, volume: $0.1) }
  }

  /// Whether slices are filtered; checks the parameters.
  private func isFlat(_ size: Size) throws(ImageError) -> Bool {
    guard 1...8 ~= level else { throw ImageError(.invalidParameter, "level is \(level), expected 1 … 8") }
    let letters = subband.rawValue.count
    if letters == 3 && planar || letters == 2 && !planar && size.slices > 1 {
      throw ImageError(
        .invalidParameter, "subband is \(subband.rawValue), expected \(planar ? "two" : "three") letters",
        hint: "two letters for slices (planar), three for volumes")
    }
    return planar || size.slices == 1
  }

  /// The image after the low-pass filters of the levels before this one.
  private func lowPassed(_ volume: Volume<Float>, _ rotation: RightAngleRotation) -> Volume<Float> {
    var image = volume
    let letters: [Character] = planar || volume.size.slices == 1 ? ["L", "L"] : ["L", "L", "L"]
    for n in 1..<max(level, 1) {
      let t = term(rotation, letters, n, volume.size, times: 1)
      image = SeparableConvolution(t.x, t.y, t.z, boundary: boundary)(image)
    }
    return image
  }

  private func term(
    _ rotation: RightAngleRotation, _ letters: [Character], _ level: Int, _ size: Size, times weight: Double
  ) -> SeparableConvolution.Term {
    let k = (0..<3).map { axis -> Kernel in
      // An axis of one voxel is left alone.
      if axis >= letters.count || size[axis] == 1 { return .identity }
      let kernel = kernel(letters[rotation.axes[axis]], level)
      return rotation.flips[axis] ? kernel.flipped : kernel
    }
    // The weight goes to the last kernel, so that equal passes before it stay equal.
    return letters.count == 3
      ? .init(k[0], k[1], k[2].scaled(by: weight)) : .init(k[0], k[1].scaled(by: weight))
  }

  /// The filter of a level: one of even length gets a zero at its end, then zeros come between the values.
  private func kernel(_ letter: Character, _ level: Int) -> Kernel {
    var values = letter == "L" ? family.lowPass : family.highPass
    if values.count % 2 == 0 { values.append(0) }
    let step = 1 << (level - 1)
    var spread = [Double](repeating: 0, count: (values.count - 1) * step + 1)
    for (i, v) in values.enumerated() { spread[i * step] = v }
    return Kernel(spread)
  }
}

/// A rotation of the axes by right angles: axis a of the rotated filter is axis `axes[a]` of the original, reversed
/// where `flips[a]`.
struct RightAngleRotation: Sendable, Hashable {
  var axes = [0, 1, 2]
  var flips = [false, false, false]

  static let identity = RightAngleRotation()

  /// The proper rotations: 24 of three axes, 4 of the first two.
  static func all(axes n: Int) -> [RightAngleRotation] {
    let orders =
      n == 3 ? [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] : [[0, 1, 2], [1, 0, 2]]
    return orders.flatMap { order in
      (0..<1 << n).compactMap { bits in
        let flips = (0..<3).map { bits >> $0 & 1 == 1 }
        var odd = flips.filter { $0 }.count % 2 == 1
        for i in 0..<3 { for j in 0..<i where order[j] > order[i] { odd.toggle() } }
        return odd ? nil : RightAngleRotation(axes: order, flips: flips)
      }
    }
  }
}

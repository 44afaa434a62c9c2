// SPDX-License-Identifier: Apache-2.0

/// Labels as their file stores them: bytes stay bytes, a quarter of a ``LabelMap``.
public struct StoredLabels: Sendable {
  private enum Voxels: Sendable {
    case bytes(Volume<UInt8>)
    case words(Volume<UInt32>)
  }
  private let voxels: Voxels
  /// Names of labels, where known.
  public var names: [UInt32: String] = [:]

  /// An image of whole numbers.
  ///
  /// - Throws: as ``LabelMap/init(_:)``.
  public init(_ image: AnyVolume) throws(ImageError) {
    if case .u8(let bytes) = image { voxels = .bytes(bytes) } else { voxels = .words(try LabelMap(image).voxels) }
  }

  /// The same with 32 bits a voxel.
  public var map: LabelMap {
    switch voxels {
    case .bytes(let v): LabelMap(v.map { UInt32($0) }, names: names)
    case .words(let v): LabelMap(v, names: names)
    }
  }

  /// The labels in use, ascending, without the background.
  public var labels: [UInt32] {
    switch voxels {
    case .bytes(let v): v.labelsInUse
    case .words(let v): v.labelsInUse
    }
  }

  /// The region of one label.
  public func mask(_ label: UInt32) -> Mask {
    switch voxels {
    case .bytes(let v):
      let byte = UInt8(truncatingIfNeeded: label)
      return label > 255 ? Mask(v.geometry) { $0.update(repeating: 0) } : Mask(v, equal: byte)
    case .words(let v): return Mask(v, equal: label)
    }
  }
}

extension Volume where Element: FixedWidthInteger & UnsignedInteger {
  /// The values that occur, ascending, without 0.
  var labelsInUse: [UInt32] {
    let found = withVoxels { v in
      nonisolated(unsafe) let p = v.baseAddress!
      return parallelReduce(v.count, block: 1 << 18, Set<UInt32>()) { range in
        var seen = Set<UInt32>(), last: Element = 0, i = range.lowerBound
        while i < range.upperBound {
          // Most voxels have the label of the one before: passed over by vectors.
          if i &+ 64 <= range.upperBound {
            var differs: Element = 0
            for k in 0..<64 { differs |= p[i &+ k] ^ last }
            if differs == 0 {
              i &+= 64
              continue
            }
          }
          if p[i] != last {
            last = p[i]
            seen.insert(UInt32(truncatingIfNeeded: last))
          }
          i &+= 1
        }
        return seen
      } combine: {
        $0.formUnion($1)
      }
    }
    return found.subtracting([0]).sorted()
  }
}

// SPDX-License-Identifier: Apache-2.0
import LumenCore

extension Segmentation {
  /// The voxels of a segment on the grid of all frames.
  func mask(_ number: Int, threshold: Double) throws(ImageError) -> Mask {
    try requireGrid()
    // Stored values low ... low + span are inside.
    let low: UInt16, span: UInt16
    switch kind {
    case .labelMap: (low, span) = (UInt16(clamping: number), 0)
    default:
      low = leastInside(threshold)
      span = (pixels.isWide ? .max : 255) - low
    }
    if kind == .labelMap && number > (pixels.isWide ? 65_535 : 255) {
      return Mask(geometry) { $0.update(repeating: 0) }
    }
    let frames = frames[kind == .labelMap ? 0 : number] ?? []
    return try Mask(geometry) { out throws(ImageError) in
      nonisolated(unsafe) let voxels = out
      parallelFor(out.count, grain: 1 << 20) { range in
        UnsafeMutableBufferPointer(rebasing: voxels[range]).update(repeating: 0)
      }
      try forEachRow(of: frames) { frame, offset, count, pixels in
        let line = voxels.baseAddress.unsafelyUnwrapped + offset
        if self.pixels.isWide {
          let values = pixels.assumingMemoryBound(to: UInt16.self)
          for i in 0..<count { line[i] |= values[i] &- low <= span ? 1 : 0 }
        } else {
          let values = pixels.assumingMemoryBound(to: UInt8.self)
          let low = UInt8(truncatingIfNeeded: low), span = UInt8(truncatingIfNeeded: span)
          for i in 0..<count { line[i] |= values[i] &- low <= span ? 1 : 0 }
        }
      }
    }
  }

  /// The share of each voxel that belongs to a segment, 0 … 1.
  func fractions(_ number: Int) throws(ImageError) -> Volume<Float> {
    try requireGrid()
    if kind != .fractional {
      let mask = try mask(number, threshold: 0.5)
      return mask.voxels.map { Float($0) }
    }
    let scale = Float(1 / maximum)
    return try Volume<Float>(geometry) { out throws(ImageError) in
      out.update(repeating: 0)
      let voxels = out.baseAddress.unsafelyUnwrapped
      try forEachRow(of: frames[number] ?? []) { _, offset, count, pixels in
        let line = voxels + offset
        if self.pixels.isWide {
          let values = pixels.assumingMemoryBound(to: UInt16.self)
          for i in 0..<count { line[i] = max(line[i], min(1, Float(values[i]) * scale)) }
        } else {
          let values = pixels.assumingMemoryBound(to: UInt8.self)
          for i in 0..<count { line[i] = max(line[i], min(1, Float(values[i]) * scale)) }
        }
      }
    }
  }

  /// Every segment at once.
  ///
  /// - Throws: `invalidParameter` where two segments overlap.
  func labels(threshold: Double) throws(ImageError) -> LabelMap {
    try requireGrid()
    var names: [UInt32: String] = [:]
    for region in regions { names[UInt32(clamping: region.number)] = region.name }
    let ordered = frames.values.joined().sorted { $0.index < $1.index }
    let low = Int(leastInside(threshold))
    let isLabelled = kind == .labelMap, background = background
    var overlap: (UInt32, UInt32)?
    let voxels = try Volume<UInt32>(geometry) { out throws(ImageError) in
      out.update(repeating: 0)
      let voxels = out.baseAddress.unsafelyUnwrapped
      try forEachRow(of: ordered) { frame, offset, count, pixels in
        let line = voxels + offset
        for i in 0..<count {
          let value =
            self.pixels.isWide
            ? Int(pixels.assumingMemoryBound(to: UInt16.self)[i]) : Int(pixels.assumingMemoryBound(to: UInt8.self)[i])
          if isLabelled {
            if value != background { line[i] = UInt32(value) }
          } else if value >= low {
            let label = UInt32(clamping: frame.segment)
            if line[i] != 0 && line[i] != label { overlap = overlap ?? (line[i], label) }
            line[i] = label
          }
        }
      }
    }
    if let (a, b) = overlap {
      throw ImageError(
        .invalidParameter, "segments \(a) and \(b) overlap: one label a voxel cannot hold both",
        hint: "read their masks one by one")
    }
    return LabelMap(voxels, names: names)
  }

  /// The least stored value that is inside: 1, or the threshold of fractions.
  private func leastInside(_ threshold: Double) -> UInt16 {
    kind == .fractional ? UInt16(min(max((threshold * maximum).rounded(.up), 1), 255)) : 1
  }

  private func requireGrid() throws(ImageError) {
    if let finding = findings.first(where: \.isError) { throw finding.error }
  }

  /// Reads frames one by one and gives their rows, cut at the end of the grid, with their offset in it.
  private func forEachRow(
    of frames: [Frame], _ body: (Frame, _ offset: Int, _ count: Int, _ pixels: UnsafeRawPointer) -> Void
  ) throws(ImageError) {
    let size = geometry.size, bytes = pixels.isWide ? 2 : 1
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: pixels.frameBytes, alignment: 64)
    defer { scratch.deallocate() }
    for frame in frames {
      try pixels.read(frame.index, into: scratch)
      let count = min(columns, size.columns - frame.column)
      guard count > 0, frame.slice < size.slices else { continue }
      for r in 0..<max(0, min(rows, size.rows - frame.row)) {
        let row = UnsafeRawBufferPointer(rebasing: scratch[r * columns * bytes..<(r + 1) * columns * bytes])
        guard let start = row.baseAddress else { continue }
        body(frame, size.offset(frame.column, frame.row + r, frame.slice), count, start)
      }
    }
  }
}

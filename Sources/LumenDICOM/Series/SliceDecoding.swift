// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Synchronization

/// Decodes the slices of one volume straight into it: parallel over files, and over runs of frames of one file.
///
/// Pixels of a file that has not changed since it was scanned are read at their place; every other file is parsed
/// again. What is done to the values of a slice is done while it lies in the cache.
struct SliceDecoding {
  private let instances: [InstanceHeader]
  private let slices: [Series.Pick]
  private let geometry: Geometry
  private let limits: Limits

  init(_ series: Series, _ slices: [Series.Pick], _ geometry: Geometry, _ limits: Limits) {
    instances = series.instances
    self.slices = slices
    self.geometry = geometry
    self.limits = limits
  }

  /// The type that holds the stored values of every slice.
  private var kind: VoxelKind {
    let kinds = Set(Set(slices.map(\.instance)).map { instances[$0].storedKind })
    if let only = kinds.first, kinds.count == 1 { return only }
    return kinds.isDisjoint(with: [.uint32, .float32, .float64]) ? .int32 : .float64
  }

  /// Stored values.
  func stored() throws(ImageError) -> AnyVolume {
    let kind = kind
    _ = try limits.checkedBytes(
      columns: geometry.size.columns, rows: geometry.size.rows, slices: slices.count, bytesPerVoxel: kind.bytes)
    switch kind {
    case .uint8: return .u8(try decode())
    case .int8: return .i8(try decode())
    case .uint16: return .u16(try decode())
    case .int16: return .i16(try decode())
    case .uint32: return .u32(try decode())
    case .int32: return .i32(try decode())
    case .float32: return .f32(try decode())
    case .float64: return .f64(try decode())
    }
  }

  /// Values after one map a slice.
  func values(_ maps: [ValueMap]) throws(ImageError) -> AnyVolume {
    if let volume = try wholeNumbers(maps) { return .i16(volume) }
    return try stored().accept(Mapping(maps: maps))
  }

  /// 16-bit values under whole slopes and intercepts as Int16, made in one pass; nil where they are something else.
  private func wholeNumbers(_ maps: [ValueMap]) throws(ImageError) -> Volume<Int16>? {
    let kind = kind
    guard kind == .int16 || kind == .uint16, maps.contains(where: { $0 != .identity }) else { return nil }
    var whole: [(slope: Int32, intercept: Int32)] = []
    for map in maps {
      guard case .linear(let a, let b, .narrowest) = map, a == a.rounded(), b == b.rounded(), abs(a) <= 32_767,
        abs(b) <= 1_000_000
      else { return nil }
      whole.append((Int32(a), Int32(b)))
    }
    _ = try limits.checkedBytes(
      columns: geometry.size.columns, rows: geometry.size.rows, slices: slices.count, bytesPerVoxel: 2)
    let isInside = Atomic<Bool>(true), factors = whole
    let volume = try Volume<Int16>(geometry) { out throws(ImageError) in
      try fill(UnsafeMutableRawBufferPointer(out), kind) { slice, z in
        let fits =
          kind == .uint16
          ? Self.rescale(slice.assumingMemoryBound(to: UInt16.self), geometry.size.plane, factors[z])
          : Self.rescale(slice.assumingMemoryBound(to: Int16.self), geometry.size.plane, factors[z])
        if !fits { isInside.store(false, ordering: .relaxed) }
      }
    }
    return isInside.load(ordering: .relaxed) ? volume : nil
  }

  /// v = s · slope + intercept in place, modulo 2^16; whether every value is one of Int16.
  private static func rescale<T: FixedWidthInteger & SIMDScalar>(
    _ values: UnsafeMutablePointer<T>, _ count: Int, _ factors: (slope: Int32, intercept: Int32)
  ) -> Bool {
    var low = T.max, high = T.min
    let a = T(truncatingIfNeeded: factors.slope), b = T(truncatingIfNeeded: factors.intercept)
    for i in 0..<count {
      let s = values[i]
      low = s < low ? s : low
      high = s > high ? s : high
      values[i] = s &* a &+ b
    }
    let ends = [low, high].map { Int(truncatingIfNeeded: $0) * Int(factors.slope) + Int(factors.intercept) }
    return ends.allSatisfy { $0 >= -32_768 && $0 <= 32_767 }
  }

  private func decode<T: StoredVoxel>() throws(ImageError) -> Volume<T> {
    try Volume<T>(geometry) { out throws(ImageError) in
      try fill(UnsafeMutableRawBufferPointer(out), T.kind) { _, _ in }
    }
  }

  /// A run of frames of one file with the slice each one becomes.
  private struct Job {
    let instance: Int
    let frames: [(frame: Int, slice: Int)]
  }

  private var jobs: [Job] {
    var frames = [[(frame: Int, slice: Int)]](repeating: [], count: instances.count)
    for (z, pick) in slices.enumerated() { frames[pick.instance].append((pick.frame, z)) }
    return frames.enumerated().flatMap { i, list -> [Job] in
      if list.isEmpty { return [] }
      let sorted = list.sorted { $0.frame < $1.frame }
      // Few files with many frames: several runs of each, every one with a reader of its own.
      let runs = instances.count >= Parallel.width ? 1 : min(Parallel.width, (list.count + 3) / 4)
      return (0..<runs).map { r in
        Job(instance: i, frames: Array(sorted[list.count * r / runs..<list.count * (r + 1) / runs]))
      }
    }
  }

  /// Writes every slice in the common type `kind`, cleaned per Bits Stored, then hands it to `finish`.
  private func fill(
    _ out: UnsafeMutableRawBufferPointer, _ kind: VoxelKind,
    _ finish: @Sendable (UnsafeMutableRawPointer, Int) -> Void
  ) throws(ImageError) {
    let jobs = jobs, plane = geometry.size.plane
    guard let start = out.baseAddress else { return }
    nonisolated(unsafe) let base = start
    let failures = Mutex<[Int: ImageError]>([:])
    parallelForUneven(jobs.count) { range in
      for j in range {
        let header = instances[jobs[j].instance]
        do throws(ImageError) {
          try header.decode(jobs[j].frames, into: base, kind: kind, plane: plane, limits, finish)
        } catch {
          let failure = error.place?.hasPrefix(header.path) == true ? error : error.at(header.path)
          failures.withLock { $0[j] = failure }
        }
      }
    }
    if let (_, first) = failures.withLock({ $0.min { $0.key < $1.key } }) { throw first }
  }
}

extension InstanceHeader {
  /// Decodes frames of this file into their slices of a volume.
  fileprivate func decode(
    _ frames: [(frame: Int, slice: Int)], into base: UnsafeMutableRawPointer, kind: VoxelKind, plane: Int,
    _ limits: Limits, _ finish: (UnsafeMutableRawPointer, Int) -> Void
  ) throws(ImageError) {
    let scanned = isColour ? nil : try FrameReader(scanned: self, frames: frames.count, limits: limits)
    let reader = if let scanned { scanned } else { try parsed(limits) }
    for (frame, z) in frames {
      let slice = base + z * plane * kind.bytes
      if storedKind == kind {
        _ = try reader.read(frame, into: UnsafeMutableRawBufferPointer(start: slice, count: plane * kind.bytes))
      } else {
        try convert(reader, frame, slice, kind, plane)
      }
      finish(slice, z)
    }
  }

  /// A reader of the file as it is now, with the same pixels.
  private func parsed(_ limits: Limits) throws(ImageError) -> FrameReader {
    let handle = try DICOMFile.open(path, limits)
    let header = try InstanceHeader(handle, path: path, limits: limits)
    guard header.columns == columns, header.rows == rows, header.frames == frames,
      header.storedKind == storedKind, !header.isColour
    else { throw ImageError(.malformed, "has changed since it was scanned") }
    return try FrameReader(handle, header, limits: limits)
  }

  /// A frame of another stored type than the common one, which is Int32 or Double then.
  private func convert(
    _ reader: FrameReader, _ frame: Int, _ out: UnsafeMutableRawPointer, _ kind: VoxelKind, _ plane: Int
  ) throws(ImageError) {
    switch storedKind {
    case .uint8: copy(try own(UInt8.self, reader, frame, plane), out, kind)
    case .int8: copy(try own(Int8.self, reader, frame, plane), out, kind)
    case .uint16: copy(try own(UInt16.self, reader, frame, plane), out, kind)
    case .int16: copy(try own(Int16.self, reader, frame, plane), out, kind)
    case .uint32: copy(try own(UInt32.self, reader, frame, plane), out, kind)
    case .int32: copy(try own(Int32.self, reader, frame, plane), out, kind)
    case .float32: copy(try own(Float.self, reader, frame, plane), out, kind)
    case .float64: copy(try own(Double.self, reader, frame, plane), out, kind)
    }
  }

  private func own<S: StoredVoxel>(
    _ type: S.Type, _ reader: FrameReader, _ frame: Int, _ plane: Int
  ) throws(ImageError) -> Volume<S> {
    try Volume<S>(Geometry(size: Size(columns: plane, rows: 1))) { own throws(ImageError) in
      _ = try reader.read(frame, into: UnsafeMutableRawBufferPointer(own))
    }
  }

  private func copy<S: StoredVoxel>(_ own: Volume<S>, _ out: UnsafeMutableRawPointer, _ kind: VoxelKind) {
    own.withVoxels { v in
      if kind == .int32 {
        let to = out.assumingMemoryBound(to: Int32.self)
        for i in v.indices { to[i] = .rounding(v[i].doubleValue) }
      } else {
        let to = out.assumingMemoryBound(to: Double.self)
        for i in v.indices { to[i] = v[i].doubleValue }
      }
    }
  }
}

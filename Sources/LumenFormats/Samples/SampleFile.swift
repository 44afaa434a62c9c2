// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// A file of samples on a regular grid whose header is read and whose samples are not yet: what NIfTI, NRRD, MetaImage
/// and TIFF have in common. It is read once.
struct SampleFile {
  let layout: SampleLayout
  let stream: any ByteStream
  let limits: Limits
  /// Names and places of segments, where the file states them.
  var segments: [Segment] = []

  /// A region of a label map: its name, its label and the component that holds it.
  struct Segment: Equatable {
    var name: String
    var label: UInt32
    var layer: Int
  }

  private var size: Size { layout.geometry.size }

  /// The picture or the volume; of several the one of a number from 1.
  func image(_ number: Int? = nil) throws(ImageError) -> DecodedImage {
    if number == nil, layout.isColour, layout.chunks == 1, size.slices == 1 { return .colour(try colour()) }
    return .grey(try volume(number))
  }

  /// The volume; of several the one of a number from 1.
  func volume(_ number: Int? = nil) throws(ImageError) -> AnyVolume {
    let index = try index(of: number)
    try checkLength()
    let (chunk, component) = (index / layout.components, index % layout.components)
    try skip(chunk)
    let volume =
      layout.components == 1 ? try decode { out throws(ImageError) in try fill(out) } : try part(component, of: bytes())
    try skip(layout.chunks - 1 - chunk)
    try stream.finish()
    return volume
  }

  /// The place of the volume of a number from 1 among all of them, from 0.
  func index(of number: Int?) throws(ImageError) -> Int {
    guard number != nil || layout.volumes == 1 else {
      let parts = layout.components > 1 ? "\(layout.components) components a voxel: " : ""
      throw ImageError(
        .invalidParameter, "\(layout.format.name): \(parts)\(layout.volumes) volumes, expected one",
        hint: "choose one by its number, 1 … \(layout.volumes)" + (layout.isColour ? "; 1 is red, 2 green, 3 blue" : "")
      )
    }
    guard let number = layout.volumes == 1 ? number ?? 1 : number, 1...layout.volumes ~= number else {
      throw ImageError(
        .invalidParameter,
        "\(layout.format.name): volume \(number ?? 1) of \(layout.volumes), expected 1 … \(layout.volumes)")
    }
    return number - 1
  }

  /// Every volume in the order of the file, the components of a voxel after one another.
  func volumes() throws(ImageError) -> [AnyVolume] {
    try checkTotal()
    try checkLength()
    var all: [AnyVolume] = []
    for _ in 0..<layout.chunks {
      if layout.components == 1 {
        all.append(try decode { out throws(ImageError) in try fill(out) })
      } else {
        let chunk = try bytes()
        for component in 0..<layout.components { all.append(try part(component, of: chunk)) }
      }
    }
    try stream.finish()
    return all
  }

  /// All samples as they lie in the file, little-endian, not scaled.
  func storedBytes() throws(ImageError) -> [UInt8] {
    let total = try checkTotal()
    try checkLength()
    var out = [UInt8](unsafeUninitializedCapacity: total) { _, count in count = 0 }
    out.reserveCapacity(total)
    for _ in 0..<layout.chunks { out += try bytes() }
    try stream.finish()
    guard layout.isSwapped, layout.type.bytes > 1 else { return out }
    let width = layout.type.bytes
    out.withUnsafeMutableBufferPointer { b in
      for i in stride(from: 0, to: b.count, by: width) { b[i..<i + width].reverse() }
    }
    return out
  }

  /// Red, green and blue of 8 or 16 bits; alpha is dropped.
  private func colour() throws(ImageError) -> ColourImage {
    guard layout.type == .uint8 || layout.type == .uint16, layout.components >= 3 else {
      throw ImageError(
        .unsupported, "\(layout.format.name): colour of \(layout.components) × \(layout.type.rawValue)",
        hint: "three components of uint8 or uint16 are read as colour")
    }
    let pixels = size.count
    _ = try limits.checkedBytes(columns: size.columns, rows: size.rows, slices: 1, bytesPerVoxel: 8)
    try checkLength()
    let stored = try bytes()
    try stream.finish()
    let (components, wide, swapped) = (layout.components, layout.type == .uint16, layout.isSwapped)
    let samples = stored.withUnsafeBytes { source in
      [UInt16](unsafeUninitializedCapacity: pixels * 3) { out, count in
        for i in 0..<pixels {
          for c in 0..<3 {
            let at = i &* components &+ c
            if wide {
              let value = source.loadUnaligned(fromByteOffset: 2 &* at, as: UInt16.self)
              out[3 &* i &+ c] = swapped ? value.byteSwapped : value
            } else {
              out[3 &* i &+ c] = UInt16(source[at])
            }
          }
        }
        count = pixels * 3
      }
    }
    return ColourImage(columns: size.columns, rows: size.rows, bits: wide ? 16 : 8, samples: samples)
  }

  // MARK: Length

  /// What the file can hold at most, before the samples are allocated.
  func checkLength() throws(ImageError) {
    let need = layout.chunkBytes.multipliedSaturating(layout.chunks), most = stream.most
    guard need <= most else {
      let shape = "\(layout.format.name): \(size)\(layout.volumes > 1 ? " × \(layout.volumes)" : "") voxels"
      throw stream.isCompressed
        ? ImageError(
          .limitExceeded, "\(shape) need \(need) bytes, more than \(limits.expansion) times the compressed ones")
        : ImageError(
          .malformed, "\(shape) need \(need) bytes, the file has \(most)",
          hint: "the transfer was probably cut; fetch the file again")
    }
  }

  @discardableResult private func checkTotal() throws(ImageError) -> Int {
    let total = layout.chunkBytes.multipliedSaturating(layout.chunks)
    guard total <= limits.decodedBytes else {
      throw ImageError(
        .limitExceeded,
        "\(layout.format.name): \(layout.volumes) volumes need \(total) bytes, the limit is \(limits.decodedBytes)",
        hint: "read them one by one")
    }
    return total
  }

  // MARK: Samples

  func fill(_ out: UnsafeMutableRawBufferPointer) throws(ImageError) {
    let n = try stream.read(into: out)
    guard n == out.count else { throw cut(out.count, n) }
  }

  func skip(_ chunks: Int) throws(ImageError) {
    let count = chunks * layout.chunkBytes
    let n = try stream.skip(count)
    guard n == count else { throw cut(count, n) }
  }

  private func cut(_ expected: Int, _ found: Int) -> ImageError {
    ImageError(
      .malformed, "\(layout.format.name): \(expected) bytes of voxels expected, \(found) found",
      hint: "the transfer was probably cut; fetch the file again")
  }

  /// The bytes of the next chunk.
  private func bytes() throws(ImageError) -> [UInt8] {
    var failure: ImageError?
    let chunk = [UInt8](unsafeUninitializedCapacity: layout.chunkBytes) { out, count in
      do throws(ImageError) {
        try fill(UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(out)[..<layout.chunkBytes]))
        count = layout.chunkBytes
      } catch {
        failure = error
        count = 0
      }
    }
    if let failure { throw failure }
    return chunk
  }

  /// One component of a chunk.
  private func part(_ component: Int, of chunk: [UInt8]) throws(ImageError) -> AnyVolume {
    let (width, components) = (layout.type.bytes, layout.components)
    return try decode { out throws(ImageError) in
      chunk.withUnsafeBytes { source in
        nonisolated(unsafe) let (source, out) = (source, out)
        func copy<T: BitwiseCopyable>(_: T.Type) {
          parallelFor(out.count / width, grain: 1 << 15) { range in
            for i in range {
              let value = source.loadUnaligned(fromByteOffset: (i &* components &+ component) &* width, as: T.self)
              out.storeBytes(of: value, toByteOffset: i &* width, as: T.self)
            }
          }
        }
        switch width {
        case 1: copy(UInt8.self)
        case 2: copy(UInt16.self)
        case 4: copy(UInt32.self)
        default: copy(UInt64.self)
        }
      }
    }
  }

  private typealias Fill = (UnsafeMutableRawBufferPointer) throws(ImageError) -> Void

  /// A volume whose stored samples `fill` gives.
  private func decode(_ fill: Fill) throws(ImageError) -> AnyVolume {
    switch layout.type {
    case .uint8: try scaled(stored(UInt8.self, fill) { $0 })
    case .int8: try scaled(stored(Int8.self, fill) { $0 })
    case .uint16: try scaled(stored(UInt16.self, fill) { $0.byteSwapped })
    case .int16: try scaled(stored(Int16.self, fill) { $0.byteSwapped })
    case .uint32: try scaled(stored(UInt32.self, fill) { $0.byteSwapped })
    case .int32: try scaled(stored(Int32.self, fill) { $0.byteSwapped })
    case .float32: try scaled(stored(Float.self, fill) { Float(bitPattern: $0.bitPattern.byteSwapped) })
    case .float64: try scaled(stored(Double.self, fill) { Double(bitPattern: $0.bitPattern.byteSwapped) })
    case .int64: try wide(Int64.self, fill)
    case .uint64: try wide(UInt64.self, fill)
    }
  }

  /// The samples in host order.
  private func stored<T: Voxel>(
    _: T.Type, _ fill: Fill, swap: @Sendable (T) -> T
  ) throws(ImageError) -> Volume<T> {
    try Volume<T>(layout.geometry) { out throws(ImageError) in
      try fill(UnsafeMutableRawBufferPointer(out))
      guard layout.isSwapped, T.kind.bytes > 1 else { return }
      nonisolated(unsafe) let voxels = out
      parallelFor(out.count, grain: 1 << 16) { range in
        for i in range { voxels[i] = swap(voxels[i]) }
      }
    }
  }

  /// slope · stored + intercept in double precision, kept in the type that the stored one calls for.
  private func scaled<T: Voxel>(_ volume: Volume<T>) -> AnyVolume {
    guard let (slope, intercept) = layout.scaling else { return T.erase(volume) }
    switch layout.type {
    case .uint8, .int8, .uint16, .int16, .float32:
      return .f32(volume.map { Float($0.doubleValue * slope + intercept) })
    default:
      return .f64(volume.map { $0.doubleValue * slope + intercept })
    }
  }

  /// 64-bit integers in a narrower type that holds them all.
  private func wide<T: FixedWidthInteger & BitwiseCopyable>(
    _: T.Type, _ fill: Fill
  ) throws(ImageError) -> AnyVolume {
    let count = size.count
    let memory = UnsafeMutableBufferPointer<T>.allocate(capacity: count)
    defer { memory.deallocate() }
    try fill(UnsafeMutableRawBufferPointer(memory))
    if layout.isSwapped { for i in 0..<count { memory[i] = memory[i].byteSwapped } }
    var (low, high) = (T.max, T.min)
    for value in memory {
      low = min(low, value)
      high = max(high, value)
    }
    if layout.scaling == nil {
      if low >= Int32.min && high <= Int32.max {
        return .i32(Volume(layout.geometry) { for i in 0..<count { $0[i] = Int32(truncatingIfNeeded: memory[i]) } })
      }
      if low >= 0 && high <= UInt32.max {
        return .u32(Volume(layout.geometry) { for i in 0..<count { $0[i] = UInt32(truncatingIfNeeded: memory[i]) } })
      }
    }
    guard let least = Int64(exactly: low), let most = Int64(exactly: high), least >= -(1 << 53), most <= 1 << 53 else {
      throw ImageError(
        .unsupported, "\(layout.format.name): 64-bit integers from \(low) to \(high) do not fit a double exactly",
        hint: "store them in 32 bits")
    }
    return scaled(Volume<Double>(layout.geometry) { for i in 0..<count { $0[i] = Double(memory[i]) } })
  }
}

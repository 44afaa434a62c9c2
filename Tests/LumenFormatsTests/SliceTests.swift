// SPDX-License-Identifier: Apache-2.0
import LumenCodecs
import LumenCore
import Testing

@testable import LumenFormats

@Suite("Slices · read and written some at a time")
struct SliceTests {
  private let grid = Geometry(
    size: Size(columns: 9, rows: 7, slices: 11), spacing: [0.5, 1, 2.5], origin: [-4, 5.25, 6])

  private func volume(_ kind: VoxelKind, seed: UInt64 = 3) -> AnyVolume {
    var random = SplitMix(state: seed)
    let wide = Volume<Double>(grid) { out in
      for i in out.indices { out[i] = Double.random(in: -40000...70000, using: &random) }
    }
    return AnyVolume.f64(wide).converted(to: kind)
  }

  /// Reads a file in slabs that overlap as those of a filter do, and checks each against the whole.
  private func check(_ path: String, _ whole: AnyVolume, volume number: Int? = nil) throws {
    for slabs in [
      [0..<11], [0..<4, 2..<6, 4..<8, 7..<11], [0..<2, 2..<4, 3..<5, 5..<11, 5..<11], [0..<6, 5..<7, 7..<11],
    ] {
      let reader = try #require(try SliceReader(contentsOf: path, volume: number))
      #expect(reader.geometry == whole.geometry)
      #expect(reader.kind == whole.kind)
      for slab in slabs {
        let part = try reader.read(slab)
        #expect(part.kind == whole.kind)
        #expect(part == cropped(whole, slab), "\(path), \(slab)")
      }
    }
  }

  private func cropped(_ v: AnyVolume, _ slices: Range<Int>) -> AnyVolume {
    struct Crop: AnyVolume.Visitor {
      typealias Failure = Never
      let slices: Range<Int>
      func visit<T: Voxel>(_ v: Volume<T>) -> AnyVolume {
        T.erase(v.cropped(columns: 0..<v.size.columns, rows: 0..<v.size.rows, slices: slices))
      }
    }
    return v.accept(Crop(slices: slices)).with(v.geometry.slices(slices))
  }

  @Test("slabs equal the whole volume", arguments: VoxelKind.allCases)
  func everyType(_ kind: VoxelKind) throws {
    let folder = try TemporaryFolder(), v = volume(kind)
    for ending in ["nii", "nii.gz", "nrrd", "nhdr", "mha", "mhd"] {
      let path = "\(folder.path)/v.\(ending)"
      try ImageFile.write(v, to: path)
      try check(path, AnyVolume(contentsOf: path))
    }
    for (name, bytes) in [("raw.nrrd", NRRD.encode(v, gzip: false)), ("z.gz", NIfTI.encode(v, gzip: true))] {
      try Files.write(bytes, to: "\(folder.path)/\(name)")
      try check("\(folder.path)/\(name)", AnyVolume(contentsOf: "\(folder.path)/\(name)"))
    }
  }

  @Test("scaled and swapped samples, and one volume of several", arguments: [2, 256, 4, 512, 8, 768, 16, 64])
  func scaledSwappedSeveral(_ datatype: Int) throws {
    let folder = try TemporaryFolder(), path = "\(folder.path)/v.nii"
    let width = [2: 1, 256: 1, 4: 2, 512: 2, 8: 4, 768: 4, 16: 4, 64: 8][datatype] ?? 1
    var header = [UInt8](repeating: 0, count: 352)
    func put(_ offset: Int, _ value: Int, _ count: Int) {
      for i in 0..<count { header[offset + i] = UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - i))) }
    }
    func put(_ offset: Int, _ value: Float) { put(offset, Int(value.bitPattern), 4) }
    put(0, 348, 4)
    for (i, byte) in "n+1\0".utf8.enumerated() { header[344 + i] = byte }
    for (i, n) in [4, 9, 7, 11, 3, 1, 1, 1].enumerated() { put(40 + 2 * i, n, 2) }
    put(70, datatype, 2)
    put(72, 8 * width, 2)
    for i in 1...3 { put(76 + 4 * i, 1) }
    put(108, 352)
    // Finite whatever the type: bytes below 0x70.
    let samples = (0..<9 * 7 * 11 * 3 * width).map { UInt8(truncatingIfNeeded: $0 &* 37 % 112) }
    for scaled in [false, true] {
      put(112, scaled ? 0.37 : 1)
      put(116, scaled ? -5.5 : 0)
      for gzip in [false, true] {
        try Files.write(gzip ? Gzip.compress(header + samples) : header + samples, to: path)
        for number in [1, 3] { try check(path, AnyVolume(contentsOf: path, volume: number), volume: number) }
        #expect(throws: ImageError.self) { try SliceReader(contentsOf: path) }
      }
    }
  }

  @Test("pieces are written as the whole is", arguments: ["nii", "nii.gz", "nrrd", "nhdr", "mha", "mhd"])
  func writes(_ ending: String) throws {
    let folder = try TemporaryFolder(), v = volume(.int16)
    let (a, b) = ("\(folder.path)/a.\(ending)", "\(folder.path)/b.\(ending)")
    try ImageFile.write(v, to: a)
    try SliceWriter.write(to: b, v.geometry) { writer throws(ImageError) in
      for slab in [0..<1, 1..<6, 6..<11] { try writer.append(cropped(v, slab)) }
    }
    #expect(try AnyVolume(contentsOf: b).with(v.geometry) == v)
    let (one, two) = (try Files.read(a), try Files.read(b))
    // Detached headers name their own data file.
    if ["nhdr", "mhd"].contains(ending) {
      let data = ending == "mhd" ? "raw" : "raw.gz"
      #expect(try Files.read("\(folder.path)/a.\(data)") == Files.read("\(folder.path)/b.\(data)"))
    } else {
      #expect(one == two)
    }
    let encoded: [String: [UInt8]] = [
      "nii": NIfTI.encode(v, gzip: false), "nii.gz": NIfTI.encode(v, gzip: true), "nrrd": NRRD.encode(v, gzip: true),
      "mha": MetaImage.encode(v),
    ]
    if let bytes = encoded[ending] { #expect(one == bytes) }
  }

  @Test func writesWholeOrNotAtAll() throws {
    let folder = try TemporaryFolder(), path = "\(folder.path)/v.nii", v = volume(.uint8)
    try ImageFile.write(v, to: path)
    let before = try Files.read(path)
    #expect(throws: ImageError.self) {
      try SliceWriter.write(to: path, v.geometry) { writer throws(ImageError) in try writer.append(cropped(v, 0..<4)) }
    }
    #expect(throws: ImageError.self) {
      try SliceWriter.write(to: path, v.geometry) { writer throws(ImageError) in
        try writer.append(cropped(v, 0..<4))
        try writer.append(cropped(volume(.float32), 4..<11))
      }
    }
    #expect(throws: ImageError.self) { try SliceWriter.write(to: "\(folder.path)/v.png", v.geometry) { _ in } }
    #expect(try Files.read(path) == before)
    #expect(try Files.list([folder.path]).count == 1)
  }

  @Test func cutAndDamagedFilesAreErrors() throws {
    let folder = try TemporaryFolder(), path = "\(folder.path)/v.nii", packed = path + ".gz", v = volume(.uint16)
    let plain = NIfTI.encode(v, gzip: false), bytes = NIfTI.encode(v, gzip: true)
    try Files.write(Array(plain.dropLast(5)), to: path)
    #expect(throws: ImageError.self) { try SliceReader(contentsOf: path) }
    try Files.write(Array(bytes.dropLast(bytes.count / 2)), to: packed)
    #expect(throws: ImageError.self) {
      let reader = try #require(try SliceReader(contentsOf: packed))
      for slab in [0..<4, 4..<11] { _ = try reader.read(slab) }
    }
    // A wrong checksum shows behind the last slice.
    var wrong = bytes
    wrong[wrong.count - 6] ^= 1
    try Files.write(wrong, to: packed)
    let reader = try #require(try SliceReader(contentsOf: packed))
    _ = try reader.read(0..<10)
    #expect(throws: ImageError.self) { try reader.read(8..<11) }
    try Files.write("nothing", to: path)
    #expect(try SliceReader(contentsOf: path) == nil)
  }
}

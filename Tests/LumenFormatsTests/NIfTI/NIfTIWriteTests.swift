// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCodecs
import LumenCore
import Testing

@testable import LumenFormats

@Suite("NIfTI · round trips (property)")
struct NIfTIRoundTripTests {
  /// An oblique grid, right-handed or left-handed, turned by angles about the three axes.
  static func geometry(_ angles: SIMD3<Double>, mirrored: Bool, size: Size) -> Geometry {
    func turned(_ v: SIMD3<Double>) -> SIMD3<Double> {
      var v = v
      for (axis, angle) in [(0, angles.x), (1, angles.y), (2, angles.z)] {
        let (i, j) = ((axis + 1) % 3, (axis + 2) % 3)
        let (c, s) = (cos(angle), sin(angle))
        (v[i], v[j]) = (c * v[i] - s * v[j], s * v[i] + c * v[j])
      }
      return v
    }
    return Geometry(
      size: size, spacing: [0.7, 1.3, 2.5], origin: [-101.25, 33.5, 812.75],
      direction: Direction(x: turned([1, 0, 0]), y: turned([0, 1, 0]), z: turned([0, 0, mirrored ? -1 : 1])))
  }

  static let angles: [SIMD3<Double>] = [
    [0, 0, 0], [0.3, -0.2, 0.5], [3.0, 0.1, -0.4], [0.2, 3.1, 0], [0, 0, 3.14159], [1.5708, 0, 1.5708],
  ]

  @Test(arguments: angles, [false, true])
  func keepsGeometryThroughSformAndQform(angles: SIMD3<Double>, mirrored: Bool) throws {
    let g = Self.geometry(angles, mirrored: mirrored, size: Size(columns: 5, rows: 4, slices: 3))
    let volume = AnyVolume.u8(Volume(g, repeating: 3))
    var file = NIfTI.encode(volume, gzip: false)
    #expect(try NIfTI.read(file).geometry.difference(from: g, tolerance: 1e-4) == nil)
    file.replaceSubrange(254..<256, with: [0, 0])
    #expect(try NIfTI.read(file).geometry.difference(from: g, tolerance: 1e-4) == nil)
  }

  @Test func keepsEveryTypeAndVoxel() throws {
    var random = SplitMix(state: 11)
    let g = Geometry(size: Size(columns: 7, rows: 5, slices: 3), spacing: [1, 2, 3], origin: [-4, 5, 6])
    let n = g.size.count
    func values<T: FixedWidthInteger>(_: T.Type) -> [T] {
      (0..<n).map { _ in T.random(in: .min ... .max, using: &random) }
    }
    let floats = (0..<n).map { _ in Double.random(in: -1e6...1e6, using: &random) }
    let volumes: [AnyVolume] = [
      .u8(try Volume(g, voxels: values(UInt8.self))), .i8(try Volume(g, voxels: values(Int8.self))),
      .u16(try Volume(g, voxels: values(UInt16.self))), .i16(try Volume(g, voxels: values(Int16.self))),
      .u32(try Volume(g, voxels: values(UInt32.self))), .i32(try Volume(g, voxels: values(Int32.self))),
      .f32(try Volume(g, voxels: floats.map(Float.init))), .f64(try Volume(g, voxels: floats)),
    ]
    #expect(Set(volumes.map(\.kind)) == Set(VoxelKind.allCases))
    for volume in volumes {
      for gzip in [false, true] { #expect(try NIfTI.read(NIfTI.encode(volume, gzip: gzip)) == volume) }
    }
  }

  /// Several blocks of the parallel compressor; the bytes do not depend on the number of threads.
  @Test func compressesDeterministically() throws {
    var random = SplitMix(state: 12)
    let g = Geometry(size: Size(columns: 300, rows: 200, slices: 30))
    let volume = AnyVolume.u16(
      try Volume(
        g, voxels: (0..<g.size.count).map { UInt16($0 / 977 % 4000) + UInt16.random(in: 0...7, using: &random) }))
    let file = NIfTI.encode(volume, gzip: true)
    #expect(try NIfTI.read(file) == volume)
    #expect(file.count < g.size.count * 2 * 3 / 4)
    #expect(Array(file[4..<8]) == [0, 0, 0, 0])  // mtime
    let width = Parallel.width
    defer { Parallel.width = width }
    Parallel.width = 1
    #expect(NIfTI.encode(volume, gzip: true) == file)
    Parallel.width = 5
    #expect(NIfTI.encode(volume, gzip: true) == file)
  }

  @Test func longAxesUseNIfTI2() throws {
    let g = Geometry(size: Size(columns: 40_000, rows: 1, slices: 2), spacing: [0.1, 0.2, 0.3], origin: [1, 2, 3])
    let volume = AnyVolume.u8(Volume(g, repeating: 5))
    let file = NIfTI.encode(volume, gzip: true)
    #expect(try Gzip.head(file, 12) == [28, 2, 0, 0] + Array("n+2\0\r\n\u{1A}\n".utf8))
    let back = try NIfTI.read(file)
    #expect(back.geometry.difference(from: g, tolerance: 1e-9) == nil && rawBytes(back) == rawBytes(volume))
  }
}

@Suite("NIfTI · written headers (oracle: nibabel 5.4.2, SimpleITK 2.5.7)")
struct NIfTIHeaderOracleTests {
  /// The geometry that nibabel wrote comes back as the same quaternion, offsets and voxel sizes.
  @Test func writesTheQuaternionOfNibabel() throws {
    let file = bytes(hex: NIfTIFixtures.obliqueQform)
    let original = try Gzip.head(file, 352)
    let ours = NIfTI.encode(try NIfTI.read(file), gzip: false)
    func real(_ bytes: [UInt8], _ at: Int) -> Float {
      Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) })
    }
    for at in Array(stride(from: 256, to: 280, by: 4)) + [76, 80, 84, 88] {
      #expect(abs(real(ours, at) - real(original, at)) <= 1e-6 * max(1, abs(real(original, at))), "byte \(at)")
    }
    #expect(real(ours, 76) == -1)  // left-handed
  }

  /// Fields in the places that nifti1.h gives them; nibabel and SimpleITK read this file with the values below.
  @Test func writesPlainHeader() throws {
    let g = Geometry(size: Size(columns: 3, rows: 2, slices: 4), spacing: [0.5, 2, 3], origin: [10, -20, 30])
    let file = NIfTI.encode(.i16(Volume(g, repeating: 258)), gzip: false)
    #expect(file.count == 352 + 48)
    #expect(Array(file[40..<56]) == [3, 0, 3, 0, 2, 0, 4, 0, 1, 0, 1, 0, 1, 0, 1, 0])
    #expect(Array(file[70..<74]) == [4, 0, 16, 0])
    #expect(Array(file[252..<256]) == [1, 0, 1, 0])
    func reals(_ at: Int, _ count: Int) -> [Float] {
      (0..<count).map { k in
        Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(file[at + 4 * k + $1]) << UInt32(8 * $1) })
      }
    }
    #expect(reals(76, 4) == [1, 0.5, 2, 3])
    #expect(reals(108, 3) == [352, 1, 0])
    #expect(reals(256, 6) == [0, 0, 1, -10, 20, 30])  // LPS axes are a half turn about S from RAS
    #expect(reals(280, 12) == [-0.5, 0, 0, -10, 0, -2, 0, 20, 0, 0, 3, 30])
    #expect(file[123] == 2 && Array(file[344..<348]) == Array("n+1\0".utf8))
    #expect(Array(file[352..<354]) == [2, 1])
  }
}

@Suite("NIfTI · malformed")
struct NIfTIMalformedTests {
  static func small() throws -> AnyVolume {
    let g = NIfTIRoundTripTests.geometry([0.3, 0.2, 0.1], mirrored: false, size: Size(columns: 8, rows: 7, slices: 6))
    return .i16(try Volume(g, voxels: (0..<g.size.count).map { Int16($0 * 31 % 1000 - 500) }))
  }

  @Test func damageIsAnErrorOrAVolume() throws {
    var limits = Limits()
    limits.decodedBytes = 1 << 24
    for gzip in [false, true] {
      let file = NIfTI.encode(try Self.small(), gzip: gzip)
      _ = survivesDamage(file, seed: gzip ? 5 : 4, flips: 2000) { bytes throws(ImageError) in
        _ = try NIfTI.read(bytes, limits: limits)
      }
      // The checksum at the end of a gzip file counts as well.
      for end in 0..<file.count { #expect(throws: ImageError.self) { try NIfTI.read(Array(file[..<end])) } }
    }
    // Every byte of the header in turn.
    let header = NIfTI.encode(try Self.small(), gzip: false)
    for at in 0..<352 {
      for value in [0x00, 0x7F, 0x80, 0xFF] as [UInt8] where header[at] != value {
        var copy = header
        copy[at] = value
        _ = try? NIfTI.read(copy, limits: limits)
      }
    }
  }

  @Test func flippedVoxelsFailTheChecksum() throws {
    var file = NIfTI.encode(try Self.small(), gzip: true)
    file[file.count - 6] ^= 1
    #expect { try NIfTI.read(file) } throws: { ($0 as? ImageError)?.kind == .malformed }
  }

  @Test func bombsAreRefusedBeforeAllocation() throws {
    func isLimit(_ error: any Error) -> Bool { (error as? ImageError)?.kind == .limitExceeded }
    // A header that claims 30000 × 30000 × 4 int16 (7.2 GB) before a few compressed bytes.
    var header = Array(NIfTI.encode(try Self.small(), gzip: false)[..<352])
    for (at, value) in [(42, 30_000), (44, 30_000), (46, 4)] {
      header[at] = UInt8(value & 255)
      header[at + 1] = UInt8(value >> 8)
    }
    let claim = Gzip.compress(header)
    #expect { try NIfTI.read(claim) } throws: { isLimit($0) }
    #expect { try NIfTI.read(header) } throws: { ($0 as? ImageError)?.kind == .malformed }
    // 2 TB are beyond the limits whatever the file's length.
    header[46] = 0x30
    header[47] = 0x75
    #expect { try NIfTI.read(Gzip.compress(header)) } throws: { isLimit($0) }
    // A small image with 64 MiB of zeros behind it.
    let image = NIfTI.encode(try Self.small(), gzip: false)
    let tail = Gzip.compress(image + [UInt8](repeating: 0, count: 1 << 26))
    #expect { try NIfTI.read(tail) } throws: { ($0 as? ImageError)?.kind == .malformed }
    #expect(try NIfTI.read(Gzip.compress(image + [UInt8](repeating: 0, count: 1000))) == NIfTI.read(image))
  }

  @Test func membersOfOneGzipFileAreJoined() throws {
    let image = NIfTI.encode(try Self.small(), gzip: false)
    let joined = Gzip.compress(Array(image[..<400])) + Gzip.compress(Array(image[400...]))
    #expect(try NIfTI.read(joined) == NIfTI.read(image))
  }
}

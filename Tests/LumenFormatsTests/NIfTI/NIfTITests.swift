// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenFormats

@Suite("NIfTI · reference files (oracle: nibabel voxels, affines and statistics)")
struct NIfTIOracleTests {
  @Test func matchesReference() throws {
    var (decoded, rejected, series, total) = (0, 0, 0, 0)
    for row in try Reference.rows("nifti") {
      total += 1
      let file = try Reference.bytes(row), name = row["file"] ?? ""
      let shape = (row["shape"] ?? "").split(separator: "x").compactMap { Int($0) }
      if row["expect"] == "reject" {
        #expect(throws: ImageError.self, "\(name)") { try NIfTI.read(file) }
        rejected += 1
        continue
      }
      if shape.count == 4 {
        let volumes = try NIfTI.volumes(file)
        #expect(volumes.count == shape[3])
        #expect(sha256(volumes.flatMap(rawBytes)) == row["pixel_sha256"], "\(name)")
        #expect(try NIfTI.read(file, volume: shape[3]) == volumes.last)
        #expect("\(name)") { try NIfTI.read(file) } throws: { ($0 as? ImageError)?.kind == .invalidParameter }
        series += 1
        continue
      }
      let volume = try NIfTI.read(file)
      #expect(shape == [volume.size.columns, volume.size.rows, volume.size.slices])
      #expect(sha256(rawBytes(volume)) == row["pixel_sha256"], "\(name)")
      let affine = (row["affine"] ?? "").split(separator: " ").compactMap { Double($0) }
      #expect(affine.count == 16)
      for (column, vector) in volume.geometry.ras.enumerated() {
        for axis in 0..<3 { #expect(abs(vector[axis] - affine[4 * axis + column]) < 1e-6, "\(name)") }
      }
      let values = volume.float.withVoxels { $0.map(Double.init) }
      #expect(values.min() == Double(row["scaled_min"] ?? ""))
      #expect(values.max() == Double(row["scaled_max"] ?? ""))
      let mean = values.reduce(0, +) / Double(values.count)
      #expect(abs(mean - (Double(row["scaled_mean"] ?? "") ?? .nan)) < 1e-6)
      decoded += 1
    }
    print("NIfTI: \(decoded) decoded, \(rejected) rejected, \(series) of several volumes, of \(total)")
  }

  /// SimpleITK 2.5.7 on 4.nii: spacing, origin and direction in LPS.
  @Test func agreesWithITKOnObliqueGeometry() throws {
    guard let row = try Reference.rows("nifti").first(where: { $0["file"]?.hasSuffix("/4.nii") == true }) else {
      return
    }
    let g = try NIfTI.read(Reference.bytes(row)).geometry
    expect(g.spacing, [3.25, 3.25, 3.200000047683716], within: 1e-6)
    expect(g.origin, [-108.84056854248047, 84.30973052978516, -6.714199066162109], within: 1e-6)
    expect(g.direction.x, [0.999998477, 0.000161275, -0.001737864], within: 1e-6)
    expect(g.direction.y, [5.8e-08, -0.995724698, -0.092370594], within: 1e-6)
    expect(g.direction.z, [0.001745331, -0.092370456, 0.995723181], within: 1e-6)
  }

  /// The same qform in SimpleITK 2.5.7 (geometry) and nibabel 5.4.2 (values).
  @Test func readsLeftHandedQformWithScaling() throws {
    let volume = try NIfTI.read(bytes(hex: NIfTIFixtures.obliqueQform))
    guard case .f32(let v) = volume else {
      Issue.record("scaled int16 is float32, not \(volume.kind)")
      return
    }
    #expect(v.size == Size(columns: 2, rows: 3, slices: 4))
    expect(v.geometry.spacing, [0.75, 1.25, 3], within: 1e-6)
    expect(v.geometry.origin, [12.5, -30.25, 7.125], within: 1e-6)
    expect(v.geometry.direction.x, [-0.860089331773365, -0.4698689543590066, 0.19866934111538223], within: 1e-6)
    expect(v.geometry.direction.y, [0.5095362921179527, -0.8102391848529, 0.28962947077878076], within: 1e-6)
    expect(v.geometry.direction.z, [-0.024881775066634044, -0.3503364705901799, -0.9362933592864736], within: 1e-6)
    let scaled: [Float] = (0..<24).map { i in Float(37 * i - 300) * 2.5 - 10 }
    #expect(v.withVoxels { Array($0) } == scaled)
    #expect(v[0, 0, 0] == -760 && v[1, 0, 0] == -667.5 && v[1, 2, 3] == 1367.5)
  }

  /// nibabel 5.4.2.
  @Test func readsBigEndianNIfTI2() throws {
    let volume = try NIfTI.read(bytes(hex: NIfTIFixtures.big2))
    guard case .f64(let v) = volume else {
      Issue.record("float64 stays float64, not \(volume.kind)")
      return
    }
    #expect(
      v.withVoxels { Array($0) } == [
        -1.0, -0.7142857142857143, -0.4285714285714286, -0.1428571428571429, 0.1428571428571428, 0.4285714285714284,
        0.7142857142857142, 1.0,
      ])
    let ras = v.geometry.ras
    expect(ras[0], [1.8725867271683985, -0.5792589552510311, -0.39733866159012243], within: 1e-12)
    expect(ras[1], [0.4694877386782019, 1.4170537289923413, 0.14676509251088357], within: 1e-12)
    expect(ras[2], [0.1593450793079779, -0.1537919979889642, 0.975170327201816], within: 1e-12)
    expect(ras[3], [1, -2, 3], within: 1e-12)
  }

  /// Every scalar type in both byte orders, written by nibabel 5.4.2.
  @Test func readsEveryScalarType() throws {
    let expected: [String: (VoxelKind, [Double])] = [
      "u1": (.uint8, [0, 255, 7]), "i1": (.int8, [-128, 127, 7]), "u2": (.uint16, [0, 65535, 7]),
      "i2": (.int16, [-32768, 32767, 7]), "u4": (.uint32, [0, 4_294_967_295, 7]),
      "i4": (.int32, [-2_147_483_648, 2_147_483_647, 7]), "f4": (.float32, [-1.5, 2.25, 7]),
      "f8": (.float64, [-1.5, 2.25, 7]), "i8": (.float64, [-0x1p40, 0x1p40, 7]),
      "u8": (.float64, [0, 4_294_967_297, 7]),
    ]
    #expect(NIfTIFixtures.types.count == 20)
    for (type, hex) in NIfTIFixtures.types {
      let volume = try NIfTI.read(bytes(hex: hex))
      let (kind, values) = try #require(expected[type])
      #expect(volume.kind == kind, "\(type)")
      guard case .f64(let doubles) = volume.converted(to: .float64) else { continue }
      #expect(doubles.withVoxels { Array($0) } == values, "\(type)")
    }
  }

  private func expect(
    _ v: SIMD3<Double>, _ w: SIMD3<Double>, within tolerance: Double, at: SourceLocation = #_sourceLocation
  ) {
    let d = v - w
    #expect(dot(d, d).squareRoot() <= tolerance, "\(v) against \(w)", sourceLocation: at)
  }
}

@Suite("NIfTI · geometry and scaling rules (oracle: nifti1.h)")
struct NIfTIRuleTests {
  static let base = AnyVolume.i16(
    Volume(Geometry(size: Size(columns: 3, rows: 2, slices: 2), spacing: [2, 3, 4], origin: [5, 6, 7]), repeating: 9))

  /// A plain little-endian file with header bytes replaced.
  static func file(_ edits: [(Int, [UInt8])]) -> [UInt8] {
    var bytes = NIfTI.encode(base, gzip: false)
    for (at, value) in edits { bytes.replaceSubrange(at..<at + value.count, with: value) }
    return bytes
  }

  static func real(_ value: Float) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
  }

  @Test func usesPixdimWithoutForms() throws {
    let g = try NIfTI.read(Self.file([(252, [0, 0, 0, 0])])).geometry
    // Method 1: x, y, z = voxel sizes times index along right, anterior, superior; LPS turns the first two.
    #expect(g.spacing == [2, 3, 4] && g.origin == [0, 0, 0])
    #expect(g.direction == Direction(x: [-1, 0, 0], y: [0, -1, 0], z: [0, 0, 1]))
  }

  @Test func sformWinsOverQform() throws {
    let g = try NIfTI.read(Self.file([(280, Self.real(-2.5)), (268, Self.real(99))])).geometry
    #expect(g.spacing == [2.5, 3, 4] && g.origin == [5, 6, 7])
  }

  @Test func unitsBecomeMillimetres() throws {
    #expect(try NIfTI.read(Self.file([(123, [1])])).geometry.spacing == [2000, 3000, 4000])
    let micro = try NIfTI.read(Self.file([(123, [3])])).geometry
    #expect(abs(micro.spacing.x - 0.002) < 1e-15 && abs(micro.origin.z - 0.007) < 1e-15)
    #expect(try NIfTI.read(Self.file([(123, [0])])).geometry.spacing == [2, 3, 4])
  }

  @Test func scaling() throws {
    for slope in [Float(0), .nan, 1] {
      let plain = try NIfTI.read(Self.file([(112, Self.real(slope)), (116, Self.real(0))]))
      #expect(plain.kind == .int16)
    }
    let scaled = try NIfTI.read(Self.file([(112, Self.real(0.5)), (116, Self.real(-1))]))
    guard case .f32(let v) = scaled else {
      Issue.record("scaled int16 is float32")
      return
    }
    #expect(v[0, 0, 0] == 3.5)
    #expect(throws: ImageError.self) { try NIfTI.read(Self.file([(112, Self.real(2)), (116, Self.real(.infinity))])) }
  }

  @Test func shearIsUnsupported() throws {
    // The second column of the matrix gets a component along the first.
    #expect { try NIfTI.read(Self.file([(284, Self.real(1))])) } throws: {
      ($0 as? ImageError)?.kind == .unsupported && "\($0)".contains("sheared")
    }
  }

  @Test func contradictionsAreNamed() {
    func kind(_ edits: [(Int, [UInt8])]) -> ImageError.Kind? {
      do throws(ImageError) {
        _ = try NIfTI.read(Self.file(edits))
        return nil
      } catch {
        return error.kind
      }
    }
    #expect(kind([]) == nil)
    #expect(kind([(42, [0xFF, 0xFF])]) == .malformed)  // dim[1] = −1
    #expect(kind([(40, [8, 0])]) == .malformed)  // dim[0] = 8
    #expect(kind([(40, [4, 0]), (48, [2, 0])]) == .invalidParameter)  // two volumes
    #expect(kind([(40, [7, 0]), (48, [255, 127, 255, 127])]) == .limitExceeded)  // a billion volumes
    #expect(kind([(42, [200, 0])]) == .malformed)  // more voxels than bytes
    #expect(kind([(70, [3, 0])]) == .malformed)  // no such datatype
    #expect(kind([(70, [32, 0])]) == .unsupported)  // complex
    #expect(kind([(72, [8, 0])]) == .malformed)  // bitpix of another type
    #expect(kind([(108, Self.real(100))]) == .malformed)
    #expect(kind([(108, Self.real(.nan))]) == .malformed)
    #expect(kind([(108, Self.real(1e9))]) == .malformed)
    #expect(kind([(344, Array("ni1\0".utf8))]) == .unsupported)
    #expect(kind([(280, Self.real(.nan))]) == .malformed)
    #expect(kind([(254, [0, 0]), (80, Self.real(0))]) == .malformed)  // no voxel size
    #expect(kind([(254, [0, 0]), (256, Self.real(2))]) == .malformed)  // quaternion too long
  }
}

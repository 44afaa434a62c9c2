// SPDX-License-Identifier: Apache-2.0
import LumenCodecs
import LumenCore
import Testing

@testable import LumenFormats

@Suite("NIfTI · several volumes, colour, pairs (oracle: nibabel 5.4.2 and SimpleITK 2.5.7)")
struct NIfTISeriesTests {
  private func values(_ volume: AnyVolume) -> [Double] {
    guard case .f64(let v) = volume.converted(to: .float64) else { return [] }
    return v.withVoxels { Array($0) }
  }

  @Test func readsVolumesOneByOneAndTogether() throws {
    for gzip in [false, true] {
      let plain = bytes(hex: NIfTISeriesFixtures.fourNii)
      let file = gzip ? Gzip.compress(plain) : plain
      let volumes = try NIfTI.volumes(file)
      #expect(volumes.map(values) == [0, 12].map { o in (0..<12).map { Double($0 + o) } })
      #expect(volumes.allSatisfy { $0.kind == .int16 && $0.geometry.spacing == [1, 2, 3] })
      for k in 0..<2 { #expect(try NIfTI.read(file, volume: k + 1) == volumes[k]) }
      #expect { try NIfTI.read(file) } throws: {
        ($0 as? ImageError)?.kind == .invalidParameter && "\($0)".contains("2 volumes")
      }
      #expect(throws: ImageError.self) { try NIfTI.read(file, volume: 3) }
      // A damaged end is found although the first volume is whole.
      #expect(throws: ImageError.self) { try NIfTI.read(Array(file.dropLast(gzip ? 9 : 1)), volume: 1) }
    }
  }

  /// nibabel: get_fdata()[..., 1], first axis fastest.
  @Test func scalesEveryVolume() throws {
    let volume = try NIfTI.read(bytes(hex: NIfTISeriesFixtures.scaled4dNii), volume: 2)
    #expect(volume.kind == .float32 && values(volume) == [-13, -4, -8, 1, -10.5, -1.5, -6, 3])
  }

  @Test func colourOfOneSliceIsAPicture() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/c.nii"
    let file = bytes(hex: NIfTISeriesFixtures.rgb24Nii)
    try Files.write(file, to: path)
    guard case .colour(let picture) = try ImageFile.read(path) else {
      Issue.record("a colour picture expected")
      return
    }
    // c[x, y] = 10 (2 x + y), + 1 green, + 2 blue.
    let red: [UInt16] = [0, 20, 40, 10, 30, 50]
    let expected = red.flatMap { [$0, $0 + 1, $0 + 2] }
    #expect(picture == ColourImage(columns: 3, rows: 2, samples: expected))
    #expect(try values(NIfTI.read(file, volume: 2)) == [1, 21, 41, 11, 31, 51])
    #expect(throws: ImageError.self) { try NIfTI.read(file) }
  }

  @Test func pairIsReadByThePathOfItsHeader() throws {
    let folder = try TemporaryFolder()
    let (header, voxels) = (bytes(hex: NIfTISeriesFixtures.pairHdr), bytes(hex: NIfTISeriesFixtures.pairImg))
    try Files.write(header, to: "\(folder.path)/p.hdr")
    #expect { try ImageFile.read("\(folder.path)/p.hdr") } throws: { ($0 as? ImageError)?.kind == .notFound }
    try Files.write(voxels, to: "\(folder.path)/p.img")
    let volume = try AnyVolume(contentsOf: "\(folder.path)/p.hdr")
    // nibabel writes a[x, y, z] = 6 x + 2 y + z with the first index fastest.
    let stored: [Double] = [0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11]
    #expect(volume.kind == .int16 && values(volume) == stored && volume.geometry.spacing == [2, 3, 4])
    try Files.write(Gzip.compress(header), to: "\(folder.path)/q.hdr.gz")
    try Files.write(Gzip.compress(voxels), to: "\(folder.path)/q.img.gz")
    #expect(try AnyVolume(contentsOf: "\(folder.path)/q.hdr.gz") == volume)
    try Files.write(Array(voxels.dropLast()), to: "\(folder.path)/p.img")
    #expect { try ImageFile.read("\(folder.path)/p.hdr") } throws: { ($0 as? ImageError)?.kind == .malformed }
    #expect { try NIfTI.read(header) } throws: { ($0 as? ImageError)?.kind == .unsupported }
  }
}

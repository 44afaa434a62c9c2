// SPDX-License-Identifier: Apache-2.0
import Foundation
import Lumen

/// libFuzzer calls this with every input; the environment's LUMEN_FUZZ names the target.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  target(Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}

/// What strangers' bytes may ask for here: small, so that a run stays fast.
let limits = {
  var limits = Limits()
  limits.fileBytes = 1 << 20
  limits.dimension = 4096
  limits.elements = 1 << 16
  limits.decodedBytes = 1 << 20
  return limits
}()

/// An entry of the library that takes bytes from outside. Errors are what it should give; anything else stops the fuzzer.
let targets: [String: @Sendable ([UInt8]) -> Void] = [
  "dicom": { bytes in onDisk(bytes) { _ = try? DICOMFile.storedPixels($0, limits: limits) } },
  "dicom-series": { bytes in
    onDisk(bytes) { path in
      for series in Inventory.scan([path], limits: limits).series {
        _ = try? series.read(policy: .resample, limits: limits)
      }
      _ = try? DICOMFile.statistics(path, limits: limits)
    }
  },
  "dicom-regions": { bytes in
    onDisk(bytes) { path in
      guard let file = try? RegionFile(contentsOf: path, limits: limits) else { return }
      for region in file.regions.prefix(4) {
        _ = try? file.mask(of: region.number, on: grid)
        _ = try? file.mask(of: region.number)
      }
    }
  },
  "dicom-dump": { bytes in onDisk(bytes) { _ = try? DICOMFile.dump($0, limits: limits) } },
  "png": { _ = try? PNG.read($0, limits: limits) },
  "jpeg": codestream,
  "jpegls": codestream,
  "jpeg2000": codestream,
  "jpegxl": codestream,
  "nifti": { _ = try? NIfTI.volumes($0, limits: limits) },
  "nrrd": { _ = try? NRRD.volumes($0, limits: limits) },
  "metaimage": { _ = try? MetaImage.volumes($0, limits: limits) },
  "tiff": { _ = try? TIFF.read($0, limits: limits) },
]

/// The grid that regions are drawn on.
private let grid = Geometry(size: Size(columns: 64, rows: 64, slices: 8), spacing: SIMD3(4, 4, 4))

@Sendable private func codestream(_ bytes: [UInt8]) {
  bytes.withUnsafeBytes { bytes in
    guard let header = try? Codestream.header(bytes, limits: limits) else { return }
    let out = UnsafeMutableRawBufferPointer.allocate(byteCount: header.byteCount, alignment: 16)
    defer { out.deallocate() }
    try? Codestream.decode(bytes, header, into: out, convertsYCC: header.canConvertYCC, threads: 1)
  }
}

let target: @Sendable ([UInt8]) -> Void = {
  let name = ProcessInfo.processInfo.environment["LUMEN_FUZZ"] ?? ""
  guard let found = targets[name] else {
    fatalError("LUMEN_FUZZ is \"\(name)\", expected one of \(targets.keys.sorted().joined(separator: ", "))")
  }
  Parallel.width = 1
  return found
}()

/// For entries that take a path: the bytes as a file in memory.
private let file = {
  var name = Array("/dev/shm/lumen-fuzz-XXXXXX".utf8CString)
  let file = mkstemp(&name)
  unlink(name)
  return file
}()
private func onDisk(_ bytes: [UInt8], _ body: (String) -> Void) {
  guard file >= 0, ftruncate(file, off_t(bytes.count)) == 0, pwrite(file, bytes, bytes.count, 0) == bytes.count else {
    fatalError("the input cannot be stored")
  }
  body("/proc/self/fd/\(file)")
}

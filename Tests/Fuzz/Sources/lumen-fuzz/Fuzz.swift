// SPDX-License-Identifier: Apache-2.0
import Foundation
import Lumen

/// libFuzzer calls this with every input; the environment's LUMEN_FUZZ names the target, "list" lists them.
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
  limits.decodedBytes = 16 << 20
  return limits
}()

/// An entry of the library that takes bytes from outside. Errors are what it should give; anything else stops the fuzzer.
let targets: [String: @Sendable ([UInt8]) -> Void] = [
  "dicom": { bytes in onDisk(bytes) { path in _ = try? DICOMFile.storedPixels(path, limits: limits) } },
  "png": { _ = try? PNG.read($0, limits: limits) },
  "jpeg": { _ = try? JPEG.read($0, limits: limits) },
  "nifti": { _ = try? NIfTI.read($0, limits: limits) },
]

let target: @Sendable ([UInt8]) -> Void = {
  let name = ProcessInfo.processInfo.environment["LUMEN_FUZZ"] ?? ""
  guard let found = targets[name] else {
    for name in targets.keys.sorted() { print(name) }
    exit(name == "list" ? 0 : 64)
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

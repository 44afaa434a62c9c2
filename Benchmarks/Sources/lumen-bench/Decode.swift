// SPDX-License-Identifier: Apache-2.0
import Foundation
import Lumen

/// Times decoding on the inputs of the peers' `make_inputs.py` (their names are kept) and writes each result to `output`,
/// so that it can be compared with theirs.
func decode(_ inputs: String, _ output: String, _ threads: Int, only names: [String]) throws {
  Parallel.width = threads
  func item(_ name: String, _ body: () throws -> AnyVolume) throws {
    guard names.isEmpty || names.contains(name) else { return }
    let result = try body()
    try result.accept(Save(path: "\(output)/\(name).raw"))
    report(name, "fresh", threads, try times(freshBlocks, runs: name.hasSuffix("j2k") ? 5 : 15) { _ = try body() })
  }
  for kind in ["raw", "rle", "jpll", "jpls", "j2k"] {
    let files = try Files.list(["\(inputs)/dicom/\(kind)"])
    try item("dec.series.\(kind)") { try series(files) }
    try item("dec.dx.\(kind)") { try series(["\(inputs)/dicom/dx_\(kind).dcm"]) }
  }
  let files = try Files.list(["\(inputs)/dicom/raw"])
  if names.isEmpty || names.contains("dec.meta") {
    report("dec.meta", "fresh", threads, times { _ = Inventory.scan(files) })
  }
  for (name, path) in [("dec.png16", "png/dx16.png"), ("dec.png8", "png/sq8.png")] {
    let bytes = try Files.read("\(inputs)/\(path)")
    try item(name) { try grey(PNG.read(bytes)) }
  }
  let jpeg = try Files.read("\(inputs)/jpg/sq8.jpg")
  try item("dec.jpg8") { try grey(JPEG.read(jpeg)) }
  for (name, path) in [("dec.nii", "ct.nii"), ("dec.niigz", "ctz.nii.gz")] {
    try item(name) { try grey(ImageFile.read("\(inputs)/\(path)")) }
  }
}

/// Headers, order, pixels, modality values: files on disk → one volume.
private func series(_ files: [String]) throws -> AnyVolume {
  let inventory = Inventory.scan(files)
  if let (_, error) = inventory.rejected.first { throw error }
  return try inventory.series[0].read().grey
}

private func grey(_ image: DecodedImage) throws -> AnyVolume {
  guard case .grey(let volume) = image else { throw ImageError(.unsupported, "colour, expected grey") }
  return volume
}

struct Save: AnyVolume.Visitor {
  let path: String
  func visit<Element: Voxel>(_ volume: Volume<Element>) throws(ImageError) {
    let result = volume.withVoxels { v in
      Swift.Result { () throws(ImageError) in try Files.write(UnsafeRawBufferPointer(v), to: path) }
    }
    try result.get()
  }
}

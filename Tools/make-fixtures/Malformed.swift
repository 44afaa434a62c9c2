// SPDX-License-Identifier: Apache-2.0
import LumenCore
import LumenDICOM
import LumenFormats

/// Writes files that must be refused: cut in the middle, or claiming sizes that they do not have.
func writeMalformed(to folder: String) throws(ImageError) {
  try Files.makeFolder(folder)
  let plane = Geometry(size: Size(columns: 64, rows: 64), spacing: [1, 1, 2.5])
  func cut(_ bytes: [UInt8], _ name: String) throws(ImageError) {
    try Files.write(Array(bytes.prefix(bytes.count / 2)), to: "\(folder)/\(name)")
  }
  let picture = AnyVolume.u8(
    Volume(plane) { out in for i in 0..<out.count { out[i] = UInt8(random(7, UInt64(i)) >> 58) } })
  let png = try PNG.encode(picture), jpeg = try JPEG.encode(picture, quality: 90)
  try cut(png, "cut.png")
  try cut(jpeg, "cut.jpg")

  let block = AnyVolume.i16(
    Volume(Geometry(size: Size(columns: 16, rows: 16, slices: 8))) { out in
      for i in 0..<out.count { out[i] = Int16(truncatingIfNeeded: random(8, UInt64(i))) }
    })
  let nifti = NIfTI.encode(block, gzip: false)
  try cut(nifti, "cut.nii")
  try cut(NIfTI.encode(block, gzip: true), "cut.nii.gz")

  var instance = ImageInstance(
    pixels: Volume(plane) { out in for i in 0..<out.count { out[i] = Int16(i % 997) } })
  instance.patientName = "Fixture^Malformed"
  instance.patientID = "FIXTURE-M"
  instance.studyInstanceUID = uid(1, 1)
  instance.seriesInstanceUID = uid(1, 2)
  instance.sopInstanceUID = uid(1, 3)
  let path = folder + "/cut.dcm"
  try DICOMWriter.write(instance, to: path, transferSyntax: .explicitVRLittleEndian)
  let dicom = try Files.read(path)
  try cut(dicom, "cut.dcm")

  // Rows (0028,0010) US 2 and Columns (0028,0011) US 2 of 65535: 8 GiB of pixels in a file of 9 KB.
  var lying = dicom
  for element in [0x10, 0x11] as [UInt8] {
    let header: [UInt8] = [0x28, 0x00, element, 0x00, UInt8(ascii: "U"), UInt8(ascii: "S"), 2, 0]
    guard let at = lying.indices.first(where: { lying[$0...].starts(with: header) }) else {
      throw ImageError(.malformed, "the written file has no size", place: path)
    }
    lying.replaceSubrange(at + 8..<at + 10, with: [0xFF, 0xFF])
  }
  try Files.write(lying, to: folder + "/lying-size.dcm")

  // A NIfTI-1 header of 32767³ voxels before 4 KB of them.
  var header = nifti
  for axis in 0..<3 { header.replaceSubrange(42 + 2 * axis..<44 + 2 * axis, with: [0xFF, 0x7F]) }
  try Files.write(header, to: folder + "/lying-size.nii")

  // An IHDR of 65535 × 65535 with its right checksum.
  var large = png
  for at in [16, 20] { large.replaceSubrange(at..<at + 4, with: [0, 0, 0xFF, 0xFF]) }
  large.replaceSubrange(29..<33, with: bigEndian(crc32(large[12..<29])))
  try Files.write(large, to: folder + "/lying-size.png")

  try Files.write([], to: folder + "/empty.dcm")
  try Files.write("This is a text with the name of an image.\n", to: folder + "/text.dcm")
}

/// The checksum of PNG chunks (ISO 3309).
private func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
  ~bytes.reduce(~0) { crc, byte in
    (0..<8).reduce(crc ^ UInt32(byte)) { c, _ in c & 1 == 1 ? c >> 1 ^ 0xEDB8_8320 : c >> 1 }
  }
}

private func bigEndian(_ n: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: n >> (24 - 8 * $0)) } }

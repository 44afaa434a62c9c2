// SPDX-License-Identifier: Apache-2.0
public import LumenCore

extension ImageFile {
  /// Writes a volume whole or not at all, in the format that the extension names.
  ///
  /// `.nii`, `.nii.gz`, `.nrrd`, `.nhdr`, `.mha` and `.mhd` keep voxels and geometry; `.nhdr` and `.mhd` write their voxels
  /// first, into a file beside them. `.png` (one slice, uint8 or uint16) and `.jpg` or `.jpeg` (one slice, uint8, lossy)
  /// do not keep the geometry.
  ///
  /// - Throws: `invalidParameter` for another extension or a volume that the format cannot hold; `io`.
  public static func write(_ volume: AnyVolume, to path: String) throws(ImageError) {
    let name = path.lowercased()
    do throws(ImageError) {
      if name.hasSuffix(".nii") || name.hasSuffix(".nii.gz") { return try NIfTI.write(volume, to: path) }
      if name.hasSuffix(".nrrd") || name.hasSuffix(".nhdr") { return try NRRD.write(volume, to: path) }
      if name.hasSuffix(".mha") || name.hasSuffix(".mhd") { return try MetaImage.write(volume, to: path) }
      if name.hasSuffix(".png") { return try Files.write(PNG.encode(volume), to: path) }
      if name.hasSuffix(".jpg") || name.hasSuffix(".jpeg") { return try Files.write(JPEG.encode(volume), to: path) }
    } catch {
      throw error.place == nil ? error.at(path) : error
    }
    try requireExtension(path)
  }

  /// Endings of the files that a volume is written to.
  private static let extensions = [
    ".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd", ".png", ".jpg", ".jpeg",
  ]

  /// Throws `invalidParameter` unless the extension names a format that a volume is written in: before work is done for it.
  public static func requireExtension(_ path: String) throws(ImageError) {
    let name = path.lowercased()
    guard !extensions.contains(where: name.hasSuffix) else { return }
    throw unknownExtension(path, "use .nii, .nii.gz, .nrrd, .nhdr, .mha, .mhd, .png or .jpg")
  }

  /// Writes a colour picture whole or not at all: `.png`, and `.jpg` or `.jpeg` for 8 bits (lossy).
  ///
  /// - Throws: `invalidParameter` for another extension or a picture that the format cannot hold; `io`.
  public static func write(_ image: ColourImage, to path: String) throws(ImageError) {
    let name = path.lowercased()
    do throws(ImageError) {
      if name.hasSuffix(".png") { return try Files.write(PNG.encode(image), to: path) }
      if name.hasSuffix(".jpg") || name.hasSuffix(".jpeg") { return try Files.write(JPEG.encode(image), to: path) }
    } catch {
      throw error.place == nil ? error.at(path) : error
    }
    throw unknownExtension(path, "use .png or .jpg for a colour picture")
  }

  private static func unknownExtension(_ path: String, _ hint: String) -> ImageError {
    ImageError(.invalidParameter, "the extension names no format that is written", place: path, hint: hint)
  }
}

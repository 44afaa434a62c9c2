// SPDX-License-Identifier: Apache-2.0
public import LumenCore
public import LumenDICOM
import LumenFormats

/// An image as a picture for people: PNG or JPEG.
///
/// Colour stays colour. DICOM is shown as its file asks (VOI LUT, window, MONOCHROME1, Presentation LUT Shape), or through
/// a window of the caller's; other grey images keep their values where the format can hold them, and are scaled from their
/// smallest to their largest value where it cannot.
public enum PictureExport {
  /// Whether a name is that of a picture.
  public static func isPicture(_ path: String) -> Bool {
    [".png", ".jpg", ".jpeg"].contains { path.lowercased().hasSuffix($0) }
  }

  /// Writes a picture, whole or not at all.
  ///
  /// - Parameters:
  ///   - slice: which slice of several, from 1.
  ///   - window: centre and width in the image's values.
  /// - Returns: what the user has to know about the image.
  /// - Throws: `invalidParameter` for several slices and none chosen, and for a window on colour; what reading throws.
  public static func write(
    _ input: String, to output: String, slice: Int? = nil, window: DisplaySettings.Window? = nil,
    _ options: InputImage.Options = InputImage.Options()
  ) throws(ImageError) -> [String] {
    if !Files.isFolder(input), case .colour(let picture)? = try? ImageFile.read(input, volume: options.volume) {
      guard window == nil else {
        throw ImageError(.invalidParameter, "a window is for grey images, this one is in colour", place: input)
      }
      try ImageFile.write(picture, to: output)
      return []
    }
    let image = try InputImage(contentsOf: input, options)
    let slices = image.volume.size.slices
    guard let number = slices == 1 ? slice ?? 1 : slice else {
      throw ImageError(
        .invalidParameter, "has \(slices) slices, a picture shows one", place: input,
        hint: "choose one by its number, 1 … \(slices)")
    }
    guard 1...slices ~= number else {
      throw ImageError(.invalidParameter, "slice \(number) is asked for, there are \(slices)", place: input)
    }
    var settings = DisplaySettings(), isAsStored = false
    if let first = image.series?.instances.first {
      settings = try DICOMFile.display(first.path)
    } else if window == nil, slices == 1 {
      let isPNG = output.lowercased().hasSuffix(".png")
      isAsStored = image.volume.kind == .uint8 || (isPNG && image.volume.kind == .uint16)
    }
    if isAsStored {
      try ImageFile.write(image.volume, to: output)
      return image.notes
    }
    let grey = try settings.grey(
      image.volume, window.map { .custom($0) } ?? (options.values == .modality ? .automatic : .range))
    let plane = grey.size.plane
    let shown = Volume<UInt8>(Geometry(size: Size(columns: grey.size.columns, rows: grey.size.rows))) { out in
      grey.withVoxels { v in
        _ = out.update(fromContentsOf: UnsafeBufferPointer(rebasing: v[(number - 1) * plane..<number * plane]))
      }
    }
    try ImageFile.write(AnyVolume.u8(shown), to: output)
    return image.notes
  }
}

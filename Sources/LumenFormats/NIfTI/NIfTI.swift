// SPDX-License-Identifier: Apache-2.0
import LumenCodecs
public import LumenCore

/// NIfTI-1 and NIfTI-2 images in one file or in a pair of files, plain or gzip-compressed.
///
/// - Shape: dimensions 1 to 3 are one volume, dimensions 4 to 7 count volumes; RGB and RGBA of one slice are a picture.
/// - Units: metres and micrometres become millimetres; an unknown unit counts as millimetres. RAS becomes LPS.
/// - Range: integers stay as stored unless scl_slope and scl_inter change them; then 8 and 16-bit integers and float32
///   become float32, wider types float64. 64-bit integers become the first of int32, uint32 and float64
///   that holds every voxel exactly.
/// - Source: nifti1.h, nifti2.h; geometry from sform, else qform, else pixdim along R, A and S (the header's method 1).
public enum NIfTI {
  /// Decodes a file; gzip is recognised by its first bytes.
  ///
  /// - Parameter volume: the number of the volume, from 1; needed for a file with several.
  /// - Throws: `malformed` for contradictions and cut files; `invalidParameter` for several volumes and none chosen;
  ///   `unsupported` for complex numbers, sheared grids and the header of a pair, which is read by its path
  ///   (``ImageFile``); `limitExceeded` before the voxels are allocated.
  public static func read(
    _ bytes: [UInt8], volume: Int? = nil, limits: Limits = .standard
  ) throws(ImageError) -> AnyVolume {
    try open(.memory(bytes), limits: limits).volume(volume)
  }

  /// Decodes every volume of a file.
  ///
  /// - Throws: as ``read(_:volume:limits:)``; `limitExceeded` when they do not fit the limits together.
  public static func volumes(_ bytes: [UInt8], limits: Limits = .standard) throws(ImageError) -> [AnyVolume] {
    try open(.memory(bytes), limits: limits).volumes()
  }

  /// Reads the header; the voxels stay where they are, for a pair in the file beside `path`, until they are asked for.
  static func open(_ contents: FileContents, path: String? = nil, limits: Limits) throws(ImageError) -> SampleFile {
    let stream = try Self.stream(contents, limits)
    var head = try stream.bytes(348)
    if NIfTIHeader.version(head) == .two { head += try stream.bytes(540 - 348) }
    let header = try NIfTIHeader(head, limits: limits)
    guard !header.isPair else {
      let other = try Self.image(of: path)
      do throws(ImageError) {
        let voxels = try Self.stream(FileContents(file: other, limits: limits), limits)
        return try file(header, voxels, skipping: header.voxOffset, limits)
      } catch {
        throw error.place == nil ? error.at(other) : error
      }
    }
    return try file(header, stream, skipping: header.voxOffset - head.count, limits)
  }

  private static func stream(_ contents: FileContents, _ limits: Limits) throws(ImageError) -> any ByteStream {
    guard try contents.stream().bytes(2) == [0x1F, 0x8B] else { return try contents.stream() }
    return try InflateStream(contents.stream(), limits: limits)
  }

  private static func file(
    _ header: NIfTIHeader, _ stream: any ByteStream, skipping count: Int, _ limits: Limits
  ) throws(ImageError) -> SampleFile {
    guard count <= stream.most, try stream.skip(count) == count else {
      throw ImageError(
        .malformed, "NIfTI: the file ends before the first voxel at byte \(header.voxOffset)",
        hint: "the transfer was probably cut; fetch the file again")
    }
    return SampleFile(layout: header.samples, stream: stream, limits: limits)
  }

  /// The path of the voxels that belong to a header.
  static func image(of header: String?) throws(ImageError) -> String {
    guard let header else {
      throw ImageError(.unsupported, "NIfTI header of a .hdr and .img pair", hint: "open the .hdr file by its path")
    }
    for (ending, other) in [(".hdr", ".img"), (".HDR", ".IMG"), (".hdr.gz", ".img.gz"), (".HDR.GZ", ".IMG.GZ")]
    where header.hasSuffix(ending) {
      let name = header.dropLast(ending.count)
      // One of the two files may be compressed.
      for candidate in ["\(name)\(other)", "\(name).img", "\(name).img.gz"] where Files.exists(candidate) {
        return candidate
      }
      throw ImageError(
        .notFound, "NIfTI header without its voxels: no file \(Files.name("\(name)\(other)")) beside it",
        hint: "copy the .img file next to the .hdr file")
    }
    throw ImageError(
      .unsupported, "NIfTI header of a .hdr and .img pair whose name does not end in .hdr",
      hint: "give both files their usual names")
  }
}

// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCodecs
public import LumenCore

/// Writes a volume some slices at a time into a `.nii`, `.nii.gz`, `.nrrd`, `.nhdr`, `.mha` or `.mhd` file, whole or not
/// at all: the same bytes as ``ImageFile/write(_:to:)-(AnyVolume,_)``.
public final class SliceWriter {
  /// What is before the voxels, in the same file or in a file of its own.
  struct Head {
    /// Bytes before those that may be compressed.
    var plain: [UInt8] = []
    /// Bytes that are compressed with the voxels.
    var packed: [UInt8] = []
    var isCompressed = false
    /// The text that goes into a file of its own, when there is one.
    var detached: String?
  }

  private let geometry: Geometry
  private let descriptor: Int32
  private let head: (Geometry, VoxelKind) -> Head
  private var compressor: GzipCompressor?
  private var kind: VoxelKind?
  private var done = 0
  private var detached: String?

  private init(_ temporary: String, _ geometry: Geometry, _ head: @escaping (Geometry, VoxelKind) -> Head)
    throws(ImageError)
  {
    (self.geometry, self.head) = (geometry, head)
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure }
  }

  deinit { close(descriptor) }

  /// Whether the ending of a name is that of a format that is written so.
  public static func isWritten(_ path: String) -> Bool {
    let name = path.lowercased()
    return [".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd"].contains { name.hasSuffix($0) }
  }

  /// Makes or replaces a file with the slices that `body` appends.
  ///
  /// - Throws: `invalidParameter` for another ending, `io`, what `body` throws; then an older file stays.
  public static func write(
    to path: String, _ geometry: Geometry, by body: (SliceWriter) throws(ImageError) -> Void
  ) throws(ImageError) {
    let name = path.lowercased()
    var data = path
    let head: (Geometry, VoxelKind) -> Head
    if name.hasSuffix(".nii") || name.hasSuffix(".nii.gz") {
      head = { Head(packed: NIfTI.header($0, $1), isCompressed: name.hasSuffix(".gz")) }
    } else if name.hasSuffix(".nrrd") {
      head = { Head(plain: Array(NRRD.header($0, $1).utf8), isCompressed: true) }
    } else if name.hasSuffix(".nhdr") {
      data = path.dropLast(5) + ".raw.gz"
      let file = Files.name(data)
      head = { Head(isCompressed: true, detached: NRRD.header($0, $1, further: ["data file: \(file)"])) }
    } else if name.hasSuffix(".mha") {
      head = { Head(plain: Array(MetaImage.header($0, $1, data: "LOCAL").utf8)) }
    } else if name.hasSuffix(".mhd") {
      data = path.dropLast(4) + ".raw"
      let file = Files.name(data)
      head = { Head(detached: MetaImage.header($0, $1, data: file)) }
    } else {
      throw ImageError(
        .invalidParameter, "the ending names no format that is written slice by slice", place: path,
        hint: "use .nii, .nii.gz, .nrrd, .nhdr, .mha or .mhd")
    }
    // Voxels in a file of their own come first: a header without them would be of no use.
    var text: String?
    do throws(ImageError) {
      try Files.replace(data) { temporary throws(ImageError) in
        let writer = try SliceWriter(temporary, geometry, head)
        try body(writer)
        try writer.finish()
        text = writer.detached
      }
    } catch {
      throw error.place == nil ? error.at(data) : error
    }
    if let text { try Files.write(text, to: path) }
  }

  /// Adds the slices that follow those that were added before.
  ///
  /// - Throws: `invalidParameter` for slices of another size or type, or more than the grid has; `io`.
  public func append(_ slices: AnyVolume) throws(ImageError) {
    let (size, whole) = (slices.size, geometry.size)
    guard size.columns == whole.columns, size.rows == whole.rows, done + size.slices <= whole.slices,
      slices.kind == kind ?? slices.kind
    else {
      throw ImageError(
        .invalidParameter,
        "slices of \(size) as \(slices.kind.rawValue) follow \(done) of \(whole) as \(kind?.rawValue ?? "any type")")
    }
    if kind == nil {
      kind = slices.kind
      let start = head(geometry, slices.kind)
      if start.isCompressed { compressor = GzipCompressor() }
      detached = start.detached
      try put(start.plain)
      try start.packed.withUnsafeBufferPointer { b throws(ImageError) in try add(UnsafeRawBufferPointer(b)) }
    }
    var failure: ImageError?
    slices.withStoredBytes { bytes in
      do throws(ImageError) { try add(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
    done += size.slices
  }

  private func finish() throws(ImageError) {
    guard done == geometry.size.slices else {
      throw ImageError(.invalidParameter, "\(done) slices were written of \(geometry.size.slices)")
    }
    if let rest = compressor?.finish() { try put(rest) }
  }

  private func add(_ bytes: UnsafeRawBufferPointer) throws(ImageError) {
    guard compressor != nil else { return try put(bytes) }
    // Not more at a time than is compressed at a time.
    for start in stride(from: 0, to: bytes.count, by: 1 << 24) {
      let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(bytes.count, start + 1 << 24)])
      if let ready = compressor?.add(piece) { try put(ready) }
    }
  }

  private func put(_ bytes: [UInt8]) throws(ImageError) {
    try bytes.withUnsafeBufferPointer { b throws(ImageError) in try put(UnsafeRawBufferPointer(b)) }
  }

  private func put(_ bytes: UnsafeRawBufferPointer) throws(ImageError) {
    var done = 0
    while done < bytes.count {
      let n = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if n < 0 && errno == EINTR { continue }
      guard n > 0 else { throw Self.failure }
      done += n
    }
  }

  private static var failure: ImageError {
    ImageError(.io, "cannot be written: \(String(cString: strerror(errno)))")
  }
}

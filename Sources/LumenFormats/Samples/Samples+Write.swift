// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

extension AnyVolume {
  /// The voxels in memory order; little-endian, as every machine that Lumen runs on.
  func withStoredBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
    func raw<T: Voxel>(_ volume: Volume<T>) { volume.withVoxels { body(UnsafeRawBufferPointer($0)) } }
    switch self {
    case .u8(let v): raw(v)
    case .i8(let v): raw(v)
    case .u16(let v): raw(v)
    case .i16(let v): raw(v)
    case .u32(let v): raw(v)
    case .i32(let v): raw(v)
    case .f32(let v): raw(v)
    case .f64(let v): raw(v)
    }
  }
}

extension Files {
  /// Bytes of a regular file.
  static func length(_ path: String) throws(ImageError) -> Int {
    var info = stat()
    guard stat(path, &info) == 0 else {
      throw ImageError(errno == ENOENT ? .notFound : .io, "cannot be opened", place: path)
    }
    guard info.st_mode & S_IFMT == S_IFREG else { throw ImageError(.io, "is not a regular file", place: path) }
    return Int(info.st_size)
  }

  /// The last part of a path.
  static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  /// A path without its last part, with the slash: "" for a bare name.
  static func folder(_ path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }

  /// The path of a data file that a header names: below the header's folder, nowhere else, links included.
  ///
  /// - Throws: `unsupported` for an absolute path or one that leaves the folder.
  static func beside(_ header: String, named name: String) throws(ImageError) -> String {
    let outside = ImageError(
      .unsupported, "the header names a data file outside its folder",
      hint: "place the data file beside the header and name it without a folder")
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !name.isEmpty, !name.hasPrefix("/"), !parts.contains(".."), !name.utf8.contains(0), name.utf8.count <= 4096
    else { throw outside }
    let home = folder(header), path = home + name
    // A name that does not exist is left to the reader, whose error says so.
    if let real = resolved(path), let above = resolved(home.isEmpty ? "." : home) {
      guard real.hasPrefix(above.hasSuffix("/") ? above : above + "/") else { throw outside }
    }
    return path
  }

  /// A path without links; nil when it does not exist.
  private static func resolved(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }
}

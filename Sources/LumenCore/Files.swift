// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// Whole files in and out: reads are bounded, writes are atomic.
public enum Files {
  /// The bytes of a file.
  ///
  /// - Throws: `notFound`, `io`, or `limitExceeded` before anything is read.
  public static func read(_ path: String, limits: Limits = .standard) throws(ImageError) -> [UInt8] {
    let (fd, size) = try open(path, limits: limits)
    defer { close(fd) }
    var failure: ImageError?
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      do throws(ImageError) {
        count = try read(
          fd, into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<size]), 0, path)
      } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Opens a regular file for reading; the caller closes it.
  ///
  /// - Throws: `notFound`, `io`, or `limitExceeded`.
  public static func open(_ path: String, limits: Limits) throws(ImageError) -> (descriptor: Int32, size: Int) {
    let fd = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)  // a pipe without a writer must not hang a batch
    guard fd >= 0 else {
      throw ImageError(errno == ENOENT ? .notFound : .io, "cannot be opened: \(message())", place: path)
    }
    do throws(ImageError) {
      var info = stat()
      guard fstat(fd, &info) == 0 else { throw ImageError(.io, "cannot be read: \(message())", place: path) }
      guard info.st_mode & S_IFMT == S_IFREG else { throw ImageError(.io, "is not a regular file", place: path) }
      let size = Int(info.st_size)
      guard size <= limits.fileBytes else {
        throw ImageError(.limitExceeded, "has \(size) bytes, the limit is \(limits.fileBytes)", place: path)
      }
      return (fd, size)
    } catch {
      close(fd)
      throw error
    }
  }

  /// Fills the buffer from an offset of an open file; gives the number of bytes, fewer only at the end of the file.
  ///
  /// - Throws: `io`, with `path` as its place.
  public static func read(
    _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, _ offset: Int, _ path: String
  ) throws(ImageError) -> Int {
    var count = 0
    while count < buffer.count {
      let n = pread(descriptor, buffer.baseAddress! + count, buffer.count - count, off_t(offset + count))
      if n < 0 && errno == EINTR { continue }
      if n < 0 { throw ImageError(.io, "cannot be read: \(message())", place: path) }
      if n == 0 { break }
      count += n
    }
    return count
  }

  /// The first bytes of a file, fewer when it is shorter; for detecting a format.
  public static func head(_ path: String, _ count: Int) throws(ImageError) -> [UInt8] {
    let fd = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard fd >= 0 else {
      throw ImageError(errno == ENOENT ? .notFound : .io, "cannot be opened: \(message())", place: path)
    }
    defer { close(fd) }
    var info = stat()
    guard fstat(fd, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      throw ImageError(.io, "is not a regular file", place: path)
    }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, n in
      n = max(0, Glibc.read(fd, buffer.baseAddress!, count))
    }
  }

  /// Number of the next temporary file of this process.
  private static let temporaries = Atomic<Int>(0)

  /// Makes or replaces a file whole or not at all: `write` fills a temporary file in the same folder, which is
  /// synchronised and renamed; on failure nothing is left and an older file stays.
  ///
  /// - Throws: what `write` throws; `io` when the file cannot be synchronised or renamed.
  public static func replace(
    _ path: String, by write: (_ temporary: String) throws(ImageError) -> Void
  ) throws(ImageError) {
    var info = stat()
    if lstat(path, &info) == 0, info.st_mode & S_IFMT != S_IFREG, info.st_mode & S_IFMT != S_IFLNK {
      throw ImageError(
        .io, "is a \(info.st_mode & S_IFMT == S_IFDIR ? "folder" : "device or pipe"), expected a file", place: nil,
        hint: "name a file to make or replace")
    }
    let number = temporaries.wrappingAdd(1, ordering: .relaxed).newValue
    let temporary = "\(path).\(getpid())-\(number).partial"
    let unfinished = Unfinished.remember(temporary)
    defer { Unfinished.forget(unfinished) }
    do throws(ImageError) {
      try write(temporary)
      try synchronise(temporary, O_WRONLY)
      guard rename(temporary, path) == 0 else { throw ImageError(.io, "cannot be written: \(message())") }
    } catch {
      unlink(temporary)
      throw error
    }
    // The name itself lasts only when its folder is on disk; file systems without that are left alone.
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let folder = parts.isEmpty ? "." : parts.joined(separator: "/")
    try? synchronise(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY)
  }

  private static func synchronise(_ path: String, _ mode: Int32) throws(ImageError) {
    let fd = Glibc.open(path, mode | O_CLOEXEC)
    guard fd >= 0 else { throw ImageError(.io, "cannot be written: \(message())") }
    defer { close(fd) }
    guard fsync(fd) == 0 else { throw ImageError(.io, "cannot be written: \(message())") }
  }

  /// Writes a file whole or not at all (``replace(_:by:)``).
  public static func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws(ImageError) {
    do throws(ImageError) {
      try replace(path) { temporary throws(ImageError) in try fill(temporary, bytes) }
    } catch { throw error.at(path) }
  }

  private static func fill(_ path: String, _ bytes: UnsafeRawBufferPointer) throws(ImageError) {
    let fd = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard fd >= 0 else { throw ImageError(.io, "cannot be written: \(message())") }
    defer { close(fd) }
    var done = 0
    while done < bytes.count {
      let n = Glibc.write(fd, bytes.baseAddress! + done, bytes.count - done)
      if n < 0 && errno == EINTR { continue }
      guard n > 0 else { throw ImageError(.io, "cannot be written: \(message())") }
      done += n
    }
  }

  /// Writes bytes whole or not at all.
  public static func write(_ bytes: [UInt8], to path: String) throws(ImageError) {
    let result = bytes.withUnsafeBytes { b in Result { () throws(ImageError) in try write(b, to: path) } }
    try result.get()
  }

  /// Writes text as UTF-8, whole or not at all.
  public static func write(_ text: String, to path: String) throws(ImageError) {
    try write(Array(text.utf8), to: path)
  }

  /// Makes a folder and those above it.
  public static func makeFolder(_ path: String) throws(ImageError) {
    var built = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      built += built.isEmpty || built.hasSuffix("/") ? String(part) : "/\(part)"
      if mkdir(built, 0o755) != 0 && errno != EEXIST && errno != EISDIR {
        throw ImageError(.io, "folder cannot be made: \(message())", place: built)
      }
    }
    guard isFolder(path) else { throw ImageError(.io, "is a file, expected a folder", place: path) }
  }

  /// Whether a path names a folder.
  public static func isFolder(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether a path names anything.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Every regular file below the paths, sorted by path, and the folders that could not be listed; links to folders are
  /// not followed.
  ///
  /// - Parameter excluded: a folder below the paths that is passed over.
  /// - Throws: `notFound` for a path that does not exist.
  public static func survey(_ paths: [String], excluding excluded: String? = nil) throws(ImageError)
    -> (files: [String], unreadable: [(path: String, error: ImageError)])
  {
    let passedOver = excluded.flatMap(identity)
    var unreadable: [(path: String, error: ImageError)] = []
    var files: [String] = []
    var folders: [String] = []
    for path in paths {
      guard exists(path) else { throw ImageError(.notFound, "does not exist", place: path) }
      if isFolder(path) { folders.append(path) } else { files.append(path) }
    }
    while let folder = folders.popLast() {
      if let passedOver, identity(folder) == passedOver { continue }
      guard let dir = opendir(folder) else {
        unreadable.append((folder, ImageError(.io, "folder cannot be listed: \(message())", place: folder)))
        continue
      }
      defer { closedir(dir) }
      while let entry = readdir(dir) {
        let (name, isText) = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) {
            (String(cString: $0), String(validatingCString: $0) != nil)
          }
        }
        guard isText else {
          let place = "\(folder)/\(name)"
          unreadable.append(
            (place, ImageError(.io, "the name is not UTF-8 text", place: place, hint: "rename the file")))
          continue
        }
        if name == "." || name == ".." { continue }
        let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
        var info = stat()
        guard lstat(path, &info) == 0 else { continue }
        switch info.st_mode & S_IFMT {
        case S_IFDIR: folders.append(path)
        case S_IFLNK: if !isFolder(path) && exists(path) { files.append(path) }
        case S_IFREG: files.append(path)
        default: break
        }
      }
    }
    return (files.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }, unreadable)
  }

  /// Every regular file below the paths, sorted by path; links to folders are not followed.
  ///
  /// - Throws: `notFound` for a path that does not exist; `io` for a folder that cannot be listed.
  public static func list(_ paths: [String]) throws(ImageError) -> [String] {
    let (files, unreadable) = try survey(paths)
    if let first = unreadable.first { throw first.error }
    return files
  }

  /// Device and inode of a path; nil when it does not exist.
  private static func identity(_ path: String) -> [UInt64]? {
    var info = stat()
    return stat(path, &info) == 0 ? [UInt64(info.st_dev), UInt64(info.st_ino)] : nil
  }

  static func message(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }
}

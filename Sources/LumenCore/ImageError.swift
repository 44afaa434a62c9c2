// SPDX-License-Identifier: Apache-2.0

/// What went wrong with an image, a parameter or a file: what was found, where, and what to do about it.
///
/// The kind says who can fix it and decides the exit code (``ExitCode``). `place` is added by callers as the error
/// travels up; nobody rewrites `what`. No text carries patient names, ids or dates.
public struct ImageError: Error, Sendable, Equatable, Codable, CustomStringConvertible {
  /// Who can fix it.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// The bytes contradict their format.
    case malformed
    /// The bytes may be right; Lumen does not read this variant.
    case unsupported
    /// A parameter or a combination of inputs is out of range.
    case invalidParameter
    /// The input asks for more than ``Limits`` allows.
    case limitExceeded
    /// A file, case, label or name does not exist.
    case notFound
    /// The operating system refused to read or write.
    case io
  }

  /// Who can fix it.
  public let kind: Kind
  /// What was found and what was expected: "Pixel Data (7FE0,0010) has 131072 bytes, expected 524288".
  public let what: String
  /// The file, frame or step: "CT/IM0012.dcm, frame 3".
  public var place: String?
  /// What to do: "the transfer was probably cut; fetch the instance again".
  public var hint: String?

  /// An error of one kind with its text.
  public init(_ kind: Kind, _ what: String, place: String? = nil, hint: String? = nil) {
    self.kind = kind
    self.what = what
    self.place = place
    self.hint = hint
  }

  /// The same error with an outer place put before the one it has.
  public func at(_ outer: String) -> ImageError {
    var copy = self
    copy.place = place.map { "\(outer), \($0)" } ?? outer
    return copy
  }

  /// Whether a file that should be readable is not: cut, contradictory, too large or refused by the system.
  public var isDamage: Bool { [.malformed, .io, .limitExceeded].contains(kind) }

  /// One line: place, what, hint.
  public var description: String {
    (place.map { "\($0): " } ?? "") + what + (hint.map { " (\($0))" } ?? "")
  }
}

/// Process exit codes: one table for every command, after `sysexits.h` where it has a word for it.
public enum ExitCode: Int32, Sendable, CaseIterable {
  /// Everything asked for was done.
  case success = 0
  /// A batch ended; some cases failed and are listed with their reasons.
  case someCasesFailed = 3
  /// A wrong option or a parameter out of range.
  case usage = 64
  /// Malformed input.
  case malformed = 65
  /// A file, case or label does not exist.
  case notFound = 66
  /// A format or variant that Lumen does not read.
  case unsupported = 69
  /// A defect in Lumen itself.
  case internalError = 70
  /// Reading or writing failed.
  case io = 74
  /// The input asks for more memory or work than the limits allow.
  case limitExceeded = 77

  /// The code of an error.
  public init(_ kind: ImageError.Kind) {
    self =
      switch kind {
      case .malformed: .malformed
      case .unsupported: .unsupported
      case .invalidParameter: .usage
      case .limitExceeded: .limitExceeded
      case .notFound: .notFound
      case .io: .io
      }
  }

  /// One line for `--help` and the docs.
  public var meaning: String {
    switch self {
    case .success: "success"
    case .someCasesFailed: "the batch ended, but some cases failed (listed with their reasons)"
    case .usage: "wrong option, or a parameter out of range"
    case .malformed: "malformed input"
    case .notFound: "file, case or label not found"
    case .unsupported: "format or variant not supported"
    case .internalError: "defect in Lumen"
    case .io: "reading or writing failed"
    case .limitExceeded: "input exceeds the limits"
    }
  }
}

/// What an input may ask for before it is refused. Checked before anything is allocated.
public struct Limits: Sendable, Equatable, Codable {
  /// Largest file that is read into memory, bytes.
  public var fileBytes = 8 << 30
  /// Largest columns or rows, and most of anything else that a file counts, but its frames.
  public var dimension = 65_536
  /// Most frames of a file or slices of a volume: segmentations of many regions and tiled slides have more than
  /// ``dimension``.
  public var frames = 1 << 22
  /// Largest decoded image, bytes.
  public var decodedBytes = 8 << 30
  /// Most elements and items of a DICOM data set: a parser needs some hundred bytes for each.
  public var elements = 1 << 22
  /// Largest ratio of decompressed to compressed bytes.
  public var expansion = 2_000
  /// Largest text line or header field, bytes.
  public var textBytes = 1 << 20

  /// The defaults suit a workstation with 16 GiB.
  public init() {}
  /// The defaults.
  public static let standard = Limits()

  /// Bytes of an image of this shape, or the error that says which number is too large.
  ///
  /// - Throws: `malformed` for sizes below 1, `limitExceeded` beyond the limits.
  public func checkedBytes(columns: Int, rows: Int, slices: Int, bytesPerVoxel: Int) throws(ImageError) -> Int {
    for (name, n, most) in [("columns", columns, dimension), ("rows", rows, dimension), ("slices", slices, frames)] {
      guard n >= 1 else { throw ImageError(.malformed, "\(name) is \(n), expected at least 1") }
      guard n <= most else { throw ImageError(.limitExceeded, "\(name) is \(n), the limit is \(most)") }
    }
    let (plane, o1) = columns.multipliedReportingOverflow(by: rows)
    let (volume, o2) = plane.multipliedReportingOverflow(by: slices)
    let (bytes, o3) = volume.multipliedReportingOverflow(by: bytesPerVoxel)
    guard !o1, !o2, !o3, bytes <= decodedBytes else {
      throw ImageError(
        .limitExceeded,
        "an image of \(columns) × \(rows) × \(slices) with \(bytesPerVoxel) bytes a voxel exceeds the limit of \(decodedBytes) bytes"
      )
    }
    return bytes
  }
}

extension Int {
  /// The product, or the largest number when it does not fit.
  package func multipliedSaturating(_ other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }
}

// SPDX-License-Identifier: Apache-2.0
import CDCMTK
import LumenCore

extension DICOMHandle {
  /// The data set to be filled.
  var writable: OpaquePointer {
    get throws(ImageError) {
      guard let item = cdcm_writable(file) else { throw ImageError(.limitExceeded, "no data set can be made") }
      return item
    }
  }

  /// The File Meta Information to be filled.
  var writableMeta: OpaquePointer {
    get throws(ImageError) {
      guard let item = cdcm_meta(file) else { throw ImageError(.limitExceeded, "no data set can be made") }
      return item
    }
  }

  /// Compresses where the syntax asks for it, and writes.
  func save(_ path: String, _ syntax: TransferSyntax) throws(ImageError) {
    var error = cdcm_error()
    guard cdcm_save(file, path, syntax.rawValue, &error) != 0 else {
      throw ImageError(.io, "cannot be written as \(syntax.name): \(Self.text(error))")
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
import CDCMTK
import LumenCore

extension DICOMHandle {
  /// Parses as much of a file as can be parsed, and says what stopped it.
  static func damaged(_ path: String) throws(ImageError) -> (handle: DICOMHandle, damage: String?) {
    var error = cdcm_error()
    guard let file = cdcm_open_damaged(path, &error) else {
      throw ImageError(.limitExceeded, "cannot be parsed: \(text(error))", place: path)
    }
    let damage = text(error)
    return (DICOMHandle(taking: file), damage.isEmpty ? nil : damage)
  }
}

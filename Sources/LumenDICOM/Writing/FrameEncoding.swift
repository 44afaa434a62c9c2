// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Compression of native frames by codecs that DCMTK does not have.
enum FrameEncoding {
  /// Replaces native pixel data by compressed frames where the transfer syntax is one of these codecs'.
  static func compress(_ attributes: inout Attributes, _ syntax: TransferSyntax) throws(ImageError) {
    guard syntax == .jpegLSLossless, attributes[.pixelData] != nil else { return }
    throw ImageError(.unsupported, "pixels cannot be encoded as \(syntax.name)", hint: "give compressed frames")
  }
}

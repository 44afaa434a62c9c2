// SPDX-License-Identifier: Apache-2.0
import Crypto

/// The product's name and version, on every row that it makes.
public enum Software {
  /// Semantic version.
  public static let version = "0.1.0"
  /// What every output that could be taken for a diagnosis says.
  public static let disclaimer = "Research use only. Lumen measures and proposes; a clinician decides."
}

/// SHA-256 in hexadecimal.
public func sha256(_ bytes: some Sequence<UInt8>) -> String {
  SHA256.hash(data: Array(bytes)).map { byte in
    let digits = String(byte, radix: 16)
    return digits.count == 1 ? "0" + digits : digits
  }.joined()
}

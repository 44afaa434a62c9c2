// SPDX-License-Identifier: Apache-2.0
import Foundation
public import LumenCore
public import LumenLearning

/// A trained model on disk: JSON with sorted keys, so that the same training gives the same bytes.
public enum ModelFile {
  /// The model and the SHA-256 of its file.
  ///
  /// - Throws: `notFound`; `malformed` when the file is not a model.
  public static func read(_ path: String) throws(ImageError) -> (model: DiagnosisModel, hash: String) {
    let bytes = try Files.read(path)
    do {
      return (try JSONDecoder().decode(DiagnosisModel.self, from: Data(bytes)), sha256(bytes))
    } catch {
      throw ImageError(
        .malformed, "is not a model of this version", place: path, hint: "train one with lumen train")
    }
  }

  /// Writes a model whole or not at all.
  public static func write(_ model: DiagnosisModel, to path: String) throws(ImageError) {
    try Files.write(json(model), to: path)
  }
}

/// Sorted, indented JSON of a value that holds no NaN.
func json(_ value: some Encodable) throws(ImageError) -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  do { return Array(try encoder.encode(value)) + [0x0A] } catch {
    throw ImageError(.invalidParameter, "a value cannot be written as JSON: \(error)")
  }
}

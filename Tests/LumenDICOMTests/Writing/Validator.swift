// SPDX-License-Identifier: Apache-2.0
import Glibc

/// dciodvfy of dicom3tools, where the machine has it.
enum Validator {
  /// Its lines about a file that begin with "Error"; nil (with a note) where it is not installed.
  static func errors(_ path: String) -> [String]? {
    guard let pipe = popen("command -v dciodvfy >/dev/null && dciodvfy '\(path)' 2>&1 || test $? = 1", "r") else {
      return nil
    }
    var text: [UInt8] = [], buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let n = fread(&buffer, 1, buffer.count, pipe)
      if n == 0 { break }
      text += buffer[..<n]
    }
    pclose(pipe)
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    guard !lines.isEmpty else {
      print("skipped: no dciodvfy")
      return nil
    }
    return lines.filter { $0.hasPrefix("Error") || $0.hasPrefix("Abort") }
  }
}

// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// Computes every fixture of this project: `swift run -c release make-fixtures fixtures`. The same bytes on every run.
@main struct MakeFixtures {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count == 2 else {
      fail("usage: make-fixtures FOLDER", .usage)
    }
    do throws(ImageError) { try makeFixtures(in: arguments[1]) } catch { fail(error.description, ExitCode(error.kind)) }
  }

  static func fail(_ message: String, _ code: ExitCode) -> Never {
    let text = Array("make-fixtures: \(message)\n".utf8)
    _ = write(STDERR_FILENO, text, text.count)
    exit(code.rawValue)
  }
}

func makeFixtures(in root: String) throws(ImageError) {
  let cases = try writeCohort(to: root)
  try writePictures(to: root + "/images")
  try writeMalformed(to: root + "/malformed")
  // Every file below the folder, ours or not, but for the table itself: what is stale shows up in the comparison.
  var sums: [(path: String, sum: String, bytes: Int)] = []
  for path in try Files.list([root]) {
    let name = String(path.dropFirst(root.count + (root.hasSuffix("/") ? 0 : 1)))
    if name == "SHA256SUMS" || name == "README.md" { continue }
    let bytes = try Files.read(path)
    sums.append((name, sha256(bytes), bytes.count))
  }
  try Files.write(sums.map { "\($0.sum)  \($0.path)\n" }.joined(), to: root + "/SHA256SUMS")
  try Files.write(readme(cases, sums), to: root + "/README.md")
}

// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore
import Testing

@testable import LumenFormats

/// Files of the reference collection, found through LUMEN_REFERENCE.
enum Reference {
  static let folder: String? = {
    var root = "\(#filePath)"
    for _ in 0..<3 { root = String(root[..<(root.lastIndex(of: "/") ?? root.startIndex)]) }
    let path = getenv("LUMEN_REFERENCE").map { String(cString: $0) } ?? "\(root)/../shared/reference"
    return Files.exists("\(path)/dicom/other.csv") ? "\(path)/dicom" : nil
  }()

  /// Rows of one format as dictionaries; empty, with a line of explanation, where the collection is absent.
  static func rows(_ format: String) throws -> [[String: String]] {
    guard let folder else {
      print("skipped: reference files of \(format) not found (set LUMEN_REFERENCE)")
      return []
    }
    let text = String(decoding: try Files.read("\(folder)/other.csv"), as: UTF8.self)
    let table = try CSV(text)
    return table.rows.map { Dictionary(uniqueKeysWithValues: zip(table.header, $0)) }.filter { $0["format"] == format }
  }

  static func bytes(_ row: [String: String]) throws -> [UInt8] {
    try Files.read("\(folder ?? "")/\(row["file"] ?? "")")
  }
}

/// A folder that is removed at the end of a test.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/lumen-formats-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw ImageError(.io, "no temporary folder") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for file in (try? Files.list([path])) ?? [] { unlink(file) }
    rmdir(path)
  }
}

/// Numbers without a pattern, the same in every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

func bytes(hex text: String) -> [UInt8] {
  let digits = text.compactMap(\.hexDigitValue).map(UInt8.init)
  return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// SHA-256 (FIPS 180-4), for comparing pixels with published digests.
func sha256(_ message: some Sequence<UInt8>) -> String {
  func constant(_ root: Double) -> UInt32 { UInt32(truncatingIfNeeded: Int64((root - root.rounded(.down)) * 0x1p32)) }
  let primes = (2...311).filter { n in !(2..<n).contains { n % $0 == 0 } }
  let k = primes.prefix(64).map { constant(cbrt(Double($0))) }
  var h = primes.prefix(8).map { constant(Double($0).squareRoot()) }
  var data = Array(message)
  let bits = UInt64(data.count) * 8
  data.append(0x80)
  while data.count % 64 != 56 { data.append(0) }
  for shift in stride(from: 56, through: 0, by: -8) { data.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift))) }
  func rotated(_ x: UInt32, _ n: UInt32) -> UInt32 { x >> n | x << (32 - n) }
  var w = [UInt32](repeating: 0, count: 64)
  for at in stride(from: 0, to: data.count, by: 64) {
    for i in 0..<16 { w[i] = (0..<4).reduce(0) { $0 << 8 | UInt32(data[at + 4 * i + $1]) } }
    for i in 16..<64 {
      let a = rotated(w[i - 15], 7) ^ rotated(w[i - 15], 18) ^ w[i - 15] >> 3
      let b = rotated(w[i - 2], 17) ^ rotated(w[i - 2], 19) ^ w[i - 2] >> 10
      w[i] = w[i - 16] &+ a &+ w[i - 7] &+ b
    }
    var v = h
    for i in 0..<64 {
      let s1 = rotated(v[4], 6) ^ rotated(v[4], 11) ^ rotated(v[4], 25)
      let choice = v[4] & v[5] ^ ~v[4] & v[6]
      let t1 = v[7] &+ s1 &+ choice &+ k[i] &+ w[i]
      let s0 = rotated(v[0], 2) ^ rotated(v[0], 13) ^ rotated(v[0], 22)
      let majority = v[0] & v[1] ^ v[0] & v[2] ^ v[1] & v[2]
      v = [t1 &+ s0 &+ majority, v[0], v[1], v[2], v[3] &+ t1, v[4], v[5], v[6]]
    }
    for i in 0..<8 { h[i] &+= v[i] }
  }
  let digits = Array("0123456789abcdef")
  return String(h.flatMap { word in (0..<8).map { digits[Int(word >> UInt32(28 - 4 * $0) & 15)] } })
}

/// Raw little-endian voxels.
func rawBytes(_ volume: AnyVolume) -> [UInt8] {
  struct Raw: AnyVolume.Visitor {
    typealias Failure = Never
    func visit<T: Voxel>(_ volume: Volume<T>) -> [UInt8] { volume.withVoxels { Array(UnsafeRawBufferPointer($0)) } }
  }
  return volume.accept(Raw())
}

/// Decodes damaged copies of a file: every result is an image or an ``ImageError``, never a crash.
///
/// - Returns: how many of them still decode.
func survivesDamage(_ file: [UInt8], seed: UInt64, flips: Int, _ decode: ([UInt8]) throws(ImageError) -> Void) -> Int {
  var random = SplitMix(state: seed)
  var decoded = 0
  func attempt(_ bytes: [UInt8]) {
    do {
      try decode(bytes)
      decoded += 1
    } catch {
      #expect(!error.what.isEmpty)
    }
  }
  for end in stride(from: 0, to: file.count, by: max(1, file.count / 150)) { attempt(Array(file[..<end])) }
  for _ in 0..<flips {
    var copy = file
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      copy[Int.random(in: 0..<copy.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
    }
    attempt(copy)
  }
  return decoded
}

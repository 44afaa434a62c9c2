// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

@testable import LumenDICOM

/// The reference files, where the machine has them.
enum Reference {
  /// The folder of DICOM references; nil (with a note) when it is absent.
  static var dicom: String? {
    let root: String
    if let set = getenv("LUMEN_REFERENCE") {
      root = String(cString: set)
    } else {
      let parts = #filePath.split(separator: "/").dropLast(3)
      root = "/" + parts.joined(separator: "/") + "/../shared/reference"
    }
    let folder = root + "/dicom"
    if Files.isFolder(folder) { return folder }
    print("skipped: no reference files (set LUMEN_REFERENCE)")
    return nil
  }

  /// Rows of a CSV file by column name; quoted fields may hold commas and quotes.
  static func rows(_ path: String) throws -> [[String: String]] {
    let text = String(decoding: try Files.read(path), as: UTF8.self)
    var rows: [[String]] = [], row: [String] = [], field = "", isQuoted = false
    for c in text {
      if isQuoted {
        if c == "\"" { isQuoted = false } else { field.append(c) }
      } else if c == "\"" {
        if !field.isEmpty { field.append(c) }
        isQuoted = true
      } else if c == "," {
        row.append(field)
        field = ""
      } else if c.isNewline {
        row.append(field)
        rows.append(row)
        (row, field) = ([], "")
      } else {
        field.append(c)
      }
    }
    let names = rows.removeFirst()
    return rows.filter { $0.count == names.count }.map { Dictionary(uniqueKeysWithValues: zip(names, $0)) }
  }
}

/// A folder of its own, deleted with it.
final class Scratch: Sendable {
  let path: String
  init() {
    var template = Array("/tmp/lumen-dicom-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
  }
  deinit {
    for file in (try? Files.list([path])) ?? [] { unlink(file) }
    rmdir(path)
  }
  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
}

/// SHA-256 (FIPS 180-4), hexadecimal.
func sha256(_ bytes: UnsafeRawBufferPointer) -> String {
  var h: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  let k: [UInt32] = sha256Constants
  var w = [UInt32](repeating: 0, count: 64)
  func block(_ p: UnsafeRawBufferPointer) {
    for i in 0..<16 { w[i] = UInt32(bigEndian: p.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self)) }
    func r(_ x: UInt32, _ n: UInt32) -> UInt32 { x >> n | x << (32 - n) }
    for i in 16..<64 {
      let s0 = r(w[i - 15], 7) ^ r(w[i - 15], 18) ^ w[i - 15] >> 3
      let s1 = r(w[i - 2], 17) ^ r(w[i - 2], 19) ^ w[i - 2] >> 10
      w[i] = w[i - 16] &+ s0 &+ w[i - 7] &+ s1
    }
    var (a, b, c, d, e, f, g, x) = (h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7])
    for i in 0..<64 {
      let t1 = x &+ (r(e, 6) ^ r(e, 11) ^ r(e, 25)) &+ (e & f ^ ~e & g) &+ k[i] &+ w[i]
      let t2 = (r(a, 2) ^ r(a, 13) ^ r(a, 22)) &+ (a & b ^ a & c ^ b & c)
      (x, g, f, e, d, c, b, a) = (g, f, e, d &+ t1, c, b, a, t1 &+ t2)
    }
    for (i, v) in [a, b, c, d, e, f, g, x].enumerated() { h[i] &+= v }
  }
  let whole = bytes.count / 64 * 64
  for i in stride(from: 0, to: whole, by: 64) { block(UnsafeRawBufferPointer(rebasing: bytes[i..<i + 64])) }
  var tail = Array(bytes[whole...]) + [0x80]
  while tail.count % 64 != 56 { tail.append(0) }
  for shift in stride(from: 56, through: 0, by: -8) {
    tail.append(UInt8(truncatingIfNeeded: (bytes.count * 8) >> shift))
  }
  tail.withUnsafeBytes { t in
    for i in stride(from: 0, to: t.count, by: 64) { block(UnsafeRawBufferPointer(rebasing: t[i..<i + 64])) }
  }
  return h.map { v in
    let digits = String(v, radix: 16)
    return String(repeating: "0", count: 8 - digits.utf8.count) + digits
  }.joined()
}

/// First 32 bits of the fractional parts of the cube roots of the first 64 primes.
private let sha256Constants: [UInt32] = {
  var primes: [Int] = [], n = 2
  while primes.count < 64 {
    if primes.allSatisfy({ n % $0 != 0 }) { primes.append(n) }
    n += 1
  }
  return primes.map { p in
    // Integer cube root of p · 2^96, whose low 32 bits are those of the fraction.
    var low: UInt64 = 0, high: UInt64 = 1 << 36
    while low + 1 < high {
      let middle = (low + high) / 2
      let square = middle.multipliedFullWidth(by: middle)
      let (carry, _) = square.low.multipliedFullWidth(by: middle)
      let top = square.high &* middle &+ carry
      if top < UInt64(p) << 32 { low = middle } else { high = middle }
    }
    return UInt32(truncatingIfNeeded: low)
  }
}()

func sha256(_ volume: AnyVolume) -> String {
  switch volume {
  case .u8(let v): v.withVoxels { sha256(UnsafeRawBufferPointer($0)) }
  case .i8(let v): v.withVoxels { sha256(UnsafeRawBufferPointer($0)) }
  case .u16(let v): v.withVoxels { sha256(UnsafeRawBufferPointer($0)) }
  case .i16(let v): v.withVoxels { sha256(UnsafeRawBufferPointer($0)) }
  case .u32(let v): v.withVoxels { sha256(UnsafeRawBufferPointer($0)) }
  case .i32(let v): v.withVoxels { sha256(UnsafeRawBufferPointer($0)) }
  case .f32(let v): v.withVoxels { sha256(UnsafeRawBufferPointer($0)) }
  case .f64(let v): v.withVoxels { sha256(UnsafeRawBufferPointer($0)) }
  }
}

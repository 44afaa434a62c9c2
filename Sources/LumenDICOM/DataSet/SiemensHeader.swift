// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// A Siemens CSA header: named lists of texts inside a private attribute.
///
/// - Source: the layout as nibabel's documentation of the CSA format states it ("CSA2", SV10).
struct SiemensHeader {
  private let bytes: [UInt8]

  /// Nil for anything that does not begin as such a header.
  init?(_ bytes: [UInt8]?) {
    guard let bytes, bytes.count >= 16, bytes.starts(with: [0x53, 0x56, 0x31, 0x30]) else { return nil }
    self.bytes = bytes
  }

  private func word(_ at: Int) -> Int? {
    guard at >= 0, at + 4 <= bytes.count else { return nil }
    return Int(bytes[at]) | Int(bytes[at + 1]) << 8 | Int(bytes[at + 2]) << 16 | Int(bytes[at + 3]) << 24
  }

  /// The values of an entry that are not empty; [] when it is absent or the header is damaged.
  func values(_ name: String) -> [String] {
    guard let count = word(8), count <= 1024 else { return [] }
    var at = 16
    for _ in 0..<count {
      guard at + 84 <= bytes.count, let items = word(at + 76), items <= 4096 else { return [] }
      let isWanted = bytes[at..<at + 64].prefix { $0 != 0 }.elementsEqual(name.utf8)
      at += 84
      var values: [String] = []
      for _ in 0..<items {
        guard let length = word(at + 4), length <= bytes.count, at + 16 + length <= bytes.count else { return [] }
        if isWanted && length > 0 {
          let text = Substring(decoding: bytes[at + 16..<at + 16 + length].prefix { $0 != 0 }, as: UTF8.self)
          if !text.trimmingSpaces.isEmpty { values.append(String(text.trimmingSpaces)) }
        }
        at += 16 + (length + 3) / 4 * 4
      }
      if isWanted { return values }
    }
    return []
  }

  /// A line of the protocol, such as `sSliceArray.asSlice[0].sNormal.dTra`.
  func protocolNumber(_ name: String) -> Double? {
    let wanted = Array((name + "\t").utf8)
    guard let first = wanted.first, bytes.count > wanted.count else { return nil }
    var at = 0
    while let next = bytes[at...].firstIndex(of: first), next + wanted.count < bytes.count {
      at = next + 1
      guard bytes[next..<next + wanted.count].elementsEqual(wanted) else { continue }
      let line = bytes[(next + wanted.count)...].prefix(80).prefix { $0 != 10 && $0 != 0 }
      let text = Substring(decoding: line, as: UTF8.self).split(separator: "=").last ?? ""
      return Double(text.filter { $0 != " " && $0 != "\t" && $0 != "\r" }).flatMap { $0.isFinite ? $0 : nil }
    }
    return nil
  }
}

extension Mosaic {
  /// The tiles of a mosaic picture; nil when it is none or does not say how many there are.
  init?(_ set: DataSet, imageType: String, orientation: ImageOrientation?) {
    guard strstr(imageType, "MOSAIC") != nil, let orientation else { return nil }
    let image = SiemensHeader(set.bytes(Tag(0x0029, 0x1010), limit: 1 << 20))
    // Two bytes where it was sent as unknown.
    let unknown = set.bytes(Tag(0x0019, 0x100A), limit: 2).flatMap {
      $0.count == 2 ? Double($0[0]) + 256 * Double($0[1]) : nil
    }
    let stated =
      set.number(Tag(0x0019, 0x100A)) ?? unknown ?? image?.values("NumberOfImagesInMosaic").first.flatMap { Double($0) }
    guard let stated, stated >= 1, stated <= 65_536, stated == stated.rounded() else { return nil }
    tiles = Int(stated)
    normal = orientation.normal
    var found = image?.values("SliceNormalVector").compactMap { Double($0) } ?? []
    if found.count != 3, let series = SiemensHeader(set.bytes(Tag(0x0029, 0x1020), limit: 1 << 22)) {
      // Components that are zero are not written.
      found = ["dSag", "dCor", "dTra"].map {
        series.protocolNumber("sSliceArray.asSlice[0].sNormal.\($0)") ?? 0
      }
    }
    // Only the sense is taken from it: tiles go along the normal of the picture or against it.
    if found.count == 3, dot(SIMD3(found[0], found[1], found[2]), normal) < 0 { normal = -normal }
  }
}

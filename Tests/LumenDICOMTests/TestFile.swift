// SPDX-License-Identifier: Apache-2.0
import LumenCore

@testable import LumenDICOM

/// A DICOM file made byte by byte, independent of the writer: explicit VR little endian, elements sorted by tag.
struct TestFile {
  private var elements: [Tag: [UInt8]] = [:]

  init(sopClass: String = "1.2.840.10008.5.1.4.1.1.4", instance: String = "2.25.900.1") {
    set(.sopClassUID, "UI", sopClass)
    set(.sopInstanceUID, "UI", instance)
    set(.seriesInstanceUID, "UI", "2.25.901")
    set(.studyInstanceUID, "UI", "2.25.902")
    set(.modality, "CS", "MR")
  }

  private static func word16(_ n: Int) -> [UInt8] { [UInt8(n & 255), UInt8(n >> 8 & 255)] }
  private static func word32(_ n: Int) -> [UInt8] { word16(n & 65_535) + word16(n >> 16) }

  private static func encoded(_ tag: Tag, _ vr: String, _ value: [UInt8]) -> [UInt8] {
    let padded = value.count % 2 == 0 ? value : value + [vr == "UI" || vr == "OB" ? 0 : 32]
    let head = word16(Int(tag.group)) + word16(Int(tag.element)) + Array(vr.utf8)
    return ["OB", "OD", "OF", "OW", "SQ", "UN"].contains(vr)
      ? head + [0, 0] + word32(padded.count) + padded : head + word16(padded.count) + padded
  }

  mutating func set(_ tag: Tag, _ vr: String, bytes: [UInt8]) { elements[tag] = Self.encoded(tag, vr, bytes) }
  mutating func set(_ tag: Tag, _ vr: String, _ text: String) { set(tag, vr, bytes: Array(text.utf8)) }
  mutating func set(_ tag: Tag, words: [Int], vr: String = "US") {
    set(tag, vr, bytes: words.flatMap { Self.word16($0) })
  }
  mutating func set(_ tag: Tag, doubles: [Double]) {
    set(
      tag, "FD",
      bytes: doubles.flatMap { d in (0..<8).map { UInt8(truncatingIfNeeded: d.bitPattern >> UInt64(8 * $0)) } })
  }
  /// A sequence of items; each is filled like a file.
  mutating func set(_ tag: Tag, items: [(inout TestFile) -> Void]) {
    let bytes = items.flatMap { fill -> [UInt8] in
      var item = TestFile()
      item.elements = [:]
      fill(&item)
      let body = item.body
      return Self.word16(0xFFFE) + Self.word16(0xE000) + Self.word32(body.count) + body
    }
    set(tag, "SQ", bytes: bytes)
  }

  /// A grey image of 16-bit words, frame after frame.
  mutating func image(columns: Int, rows: Int, frames: Int = 1, signed: Bool = false, _ values: [Int]) {
    set(.columns, words: [columns])
    set(.rows, words: [rows])
    if frames > 1 { set(.numberOfFrames, "IS", "\(frames)") }
    set(.samplesPerPixel, words: [1])
    set(.photometricInterpretation, "CS", "MONOCHROME2")
    set(.bitsAllocated, words: [16])
    set(.bitsStored, words: [16])
    set(.highBit, words: [15])
    set(.pixelRepresentation, words: [signed ? 1 : 0])
    set(.pixelData, "OW", bytes: values.flatMap { Self.word16($0 & 65_535) })
  }

  private var body: [UInt8] { elements.keys.sorted().flatMap { elements[$0] ?? [] } }

  func write(_ path: String) throws {
    let meta = Self.encoded(.transferSyntaxUID, "UI", Array("1.2.840.10008.1.2.1".utf8))
    let length = Self.encoded(.fileMetaInformationGroupLength, "UL", Self.word32(meta.count))
    let bytes = [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + length + meta + body
    try Files.write(bytes, to: path)
  }
}

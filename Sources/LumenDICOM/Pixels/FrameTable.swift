// SPDX-License-Identifier: Apache-2.0
import LumenCodecs
import LumenCore

/// Which fragments make which frame.
///
/// - Source: PS3.5 A.4 (fragments, basic offset table), PS3.3 C.7.6.3.1.8 (extended offset table).
enum FrameTable {
  /// One range of fragments for every frame: one fragment each, all of a single frame, by the offset table, else by the
  /// bytes that codestreams begin with.
  ///
  /// - Throws: `malformed` when none of these gives as many frames as the header claims.
  static func ranges(_ source: PixelSource, _ header: InstanceHeader) throws(ImageError) -> [Range<Int>] {
    let count = source.fragmentLengths.count, frames = header.frames
    guard count >= frames else {
      throw ImageError(
        .malformed, "has \(count) compressed fragments for \(frames) frames",
        hint: "the transfer was probably cut; fetch the instance again")
    }
    if count == frames { return (0..<count).map { $0..<$0 + 1 } }
    if frames == 1 { return [0..<count] }
    if let ranges = byOffsets(source) { return ranges }
    var starts: [Int] = []
    for i in 0..<count where isStart(try source.head(i, 16), header) { starts.append(i) }
    guard starts.count == frames, starts.first == 0 else {
      throw ImageError(
        .malformed,
        "has \(count) compressed fragments for \(frames) frames, \(starts.count) of them begin a frame, and no offset "
          + "table that says more", hint: "the transfer was probably cut; fetch the instance again")
    }
    return zip(starts, starts.dropFirst() + [count]).map { $0..<$1 }
  }

  /// By the offset table, when it begins at 0, rises and points at items only.
  private static func byOffsets(_ source: PixelSource) -> [Range<Int>]? {
    guard !source.offsetTable.isEmpty else { return nil }
    var starts: [Int] = [], position = 0, index = 0
    let lengths = source.fragmentLengths
    for offset in source.offsetTable {
      while index < lengths.count, position < offset {
        position += 8 + lengths[index]
        index += 1
      }
      guard position == offset, index < lengths.count, starts.last != index else { return nil }
      starts.append(index)
    }
    guard starts.first == 0 else { return nil }
    return zip(starts, starts.dropFirst() + [lengths.count]).map { $0..<$1 }
  }

  private static func isStart(_ head: [UInt8], _ header: InstanceHeader) -> Bool {
    head.withUnsafeBytes { b in
      b.starts(with: [0xFF, 0xD8, 0xFF]) || Codestream.detect(b) != nil || RunLength.isHeader(b, header)
    }
  }
}

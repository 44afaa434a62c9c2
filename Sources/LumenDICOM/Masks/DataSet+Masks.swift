// SPDX-License-Identifier: Apache-2.0
import CDCMTK

extension DataSet {
  /// Numbers of a text element of any length.
  enum LongNumbers {
    case absent
    /// Value at an index is no finite number.
    case malformed(Int)
    case values([Double])
  }

  /// Numbers of a text element of any length; at most one for two bytes of the file.
  func longNumbers(_ tag: Tag) -> LongNumbers {
    let n = cdcm_numbers(item, tag.group, tag.element, nil, 0)
    guard n > 0, let capacity = Int(exactly: n) else { return .absent }
    var result: Int64 = -1
    let values = [Double](unsafeUninitializedCapacity: capacity) { buffer, count in
      result = cdcm_numbers(item, tag.group, tag.element, buffer.baseAddress, n)
      count = result == n ? capacity : 0
    }
    return result == n ? .values(values) : result < -1 ? .malformed(Int(-2 - result)) : .absent
  }

  /// Calls `body` for the items of a sequence, at most `limit` of them.
  func forEach(
    _ tag: Tag, limit: Int = .max, _ body: (DataSet, _ index: Int) throws(Never) -> Void
  ) {
    var item = first(tag), index = 0
    while let current = item, index < limit {
      body(current, index)
      index += 1
      item = next(tag, after: current)
    }
  }

  /// The first term of a code sequence.
  func term(_ tag: Tag) -> CodedConcept? {
    guard let code = first(tag) else { return nil }
    let value = [Tag.codeValue, .longCodeValue, .urnCodeValue].lazy.map { code.text($0) }.first { !$0.isEmpty }
    return CodedConcept(value ?? "", code.text(.codingSchemeDesignator), code.localText(.codeMeaning))
  }

  /// Three numbers of 0 … 255.
  func colour(_ tag: Tag) -> SIMD3<UInt8>? {
    guard let v = numbers(tag), v.count == 3, v.allSatisfy({ (0...255).contains($0) }) else { return nil }
    return SIMD3(UInt8(v[0]), UInt8(v[1]), UInt8(v[2]))
  }
}

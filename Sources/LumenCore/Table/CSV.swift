// SPDX-License-Identifier: Apache-2.0

/// One line of comma-separated values with its line end; fields are quoted when they must be.
///
/// - Source: RFC 4180, with "\n" as the line end.
public func csvLine(_ fields: some Sequence<String>) -> String {
  let line = fields.map { field in
    field.utf8.contains { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
      ? "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\"" : field
  }
  return (line == [""] ? "\"\"" : line.joined(separator: ",")) + "\n"  // an empty line would be no record
}

/// A table of text with a header line.
public struct CSV: Sendable, Equatable {
  /// The header.
  public let header: [String]
  /// The rows, each as long as the header.
  public let rows: [[String]]

  /// Reads comma-separated values; quoted fields may hold commas, quotes and line ends.
  ///
  /// - Throws: `malformed` naming the record when a row is not as long as the header or a quote stays open.
  public init(_ text: String) throws(ImageError) {
    var records: [[String]] = []
    var record: [String] = [], field: [UInt8] = [], quoted = false, wasQuoted = false
    let bytes = Array(text.utf8)
    var i = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    func finishField() {
      record.append(String(decoding: field, as: UTF8.self))
      field.removeAll(keepingCapacity: true)
      wasQuoted = false
    }
    func finishRecord() {
      if record.isEmpty && field.isEmpty && !wasQuoted { return }
      finishField()
      records.append(record)
      record = []
    }
    while i < bytes.count {
      let b = bytes[i]
      if quoted {
        if b == 0x22 {
          if i + 1 < bytes.count && bytes[i + 1] == 0x22 {
            field.append(0x22)
            i += 1
          } else {
            quoted = false
          }
        } else {
          field.append(b)
        }
      } else {
        switch b {
        case 0x22 where field.isEmpty:
          quoted = true
          wasQuoted = true
        case 0x2C: finishField()
        case 0x0A: finishRecord()
        case 0x0D where i + 1 == bytes.count || bytes[i + 1] == 0x0A: break
        default: field.append(b)
        }
      }
      i += 1
    }
    if quoted {
      throw ImageError(
        .malformed, "record \(records.count + 1) has a quoted field that does not end",
        hint: "the file was probably cut")
    }
    finishRecord()
    guard let first = records.first else { throw ImageError(.malformed, "the table is empty, expected a header line") }
    for (n, r) in records.enumerated() where r.count != first.count {
      throw ImageError(.malformed, "record \(n + 1) has \(r.count) fields, the header has \(first.count)")
    }
    header = first
    rows = Array(records.dropFirst())
  }

  /// Position of a column.
  ///
  /// - Throws: `notFound` naming the nearest column.
  public func index(of column: String) throws(ImageError) -> Int {
    guard let i = header.firstIndex(of: column) else {
      let e = unknownName(column, kind: "column", known: header)
      throw ImageError(.notFound, e.what, hint: e.hint)
    }
    return i
  }
}

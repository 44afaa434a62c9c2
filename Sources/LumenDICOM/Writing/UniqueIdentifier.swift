// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore

/// Makes UIDs from UUIDs: "2.25." and the 128 bits as a decimal number.
///
/// - Source: PS3.5 B.2, RFC 9562.
public enum UniqueIdentifier {
  /// A new UID that nobody has.
  public static func random() -> String {
    var generator = SystemRandomNumberGenerator()
    return uid(UInt128(generator.next() as UInt64) << 64 | UInt128(generator.next() as UInt64), version: 4)
  }

  /// The UID that belongs to a digest (the first 16 bytes of SHA-256 of whatever names the object): the same for the
  /// same object, so that a run repeated gives the same files.
  ///
  /// - Throws: `invalidParameter` for less than 16 bytes.
  public static func named(by digest: [UInt8]) throws(ImageError) -> String {
    guard digest.count >= 16 else {
      throw ImageError(.invalidParameter, "a digest of \(digest.count) bytes, expected at least 16")
    }
    return uid(digest.prefix(16).reduce(0) { $0 << 8 | UInt128($1) }, version: 8)
  }

  private static func uid(_ bits: UInt128, version: UInt128) -> String {
    let free = bits & ~(0xF << 76) & ~(0x3 << 62)
    return "2.25.\(free | version << 76 | 0x2 << 62)"
  }
}

/// When an object was made, in local time.
public struct Timestamp: Sendable, Hashable {
  /// YYYYMMDD.
  public var date: String
  /// HHMMSS.
  public var time: String

  /// A moment from its DICOM texts.
  public init(date: String, time: String) {
    self.date = date
    self.time = time
  }

  /// The time of the study, so that what follows from it has the same bytes whenever it is made; the first second of 1970
  /// where no date is known, the first of the day where no time is.
  public init(of header: InstanceHeader) {
    guard DICOMTime.days(header.studyDate) != nil else {
      self.init(date: "19700101", time: "000000")
      return
    }
    let second = DICOMTime.secondsOfDay(header.studyTime).map { min(Int($0), 86_399) } ?? 0
    let time = [second / 3600, second / 60 % 60, second % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined()
    self.init(date: header.studyDate.filter { $0 != "." }, time: time)
  }

  /// This second.
  public static var now: Timestamp {
    var seconds = Glibc.time(nil), parts = tm()
    localtime_r(&seconds, &parts)
    func digits(_ value: Int32, _ count: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
    return Timestamp(
      date: digits(parts.tm_year + 1900, 4) + digits(parts.tm_mon + 1, 2) + digits(parts.tm_mday, 2),
      time: digits(parts.tm_hour, 2) + digits(parts.tm_min, 2) + digits(parts.tm_sec, 2))
  }
}

// SPDX-License-Identifier: Apache-2.0
import CDCMTK
public import LumenCore

/// One DICOM file: its header, its pixels.
public enum DICOMFile {
  /// Bytes that ``isDICOM(_:)`` looks at.
  public static let headBytes = 132

  /// Whether the first bytes of a file are those of a DICOM file: preamble and "DICM", or a plausible data set without.
  ///
  /// - Source: PS3.10 7.1; headerless files as ACR-NEMA and early scanners wrote them.
  public static func isDICOM(_ head: [UInt8]) -> Bool {
    if head.count >= 132 && head[128..<132].elementsEqual([0x44, 0x49, 0x43, 0x4D]) { return true }
    guard head.count >= 8 else { return false }
    let isLittle = head[1] == 0 && (head[0] == 0x02 || head[0] == 0x08)
    let isBig = head[0] == 0 && (head[1] == 0x02 || head[1] == 0x08)
    guard isLittle || isBig else { return false }
    let element = isLittle ? Int(head[2]) | Int(head[3]) << 8 : Int(head[3]) | Int(head[2]) << 8
    // Group lengths, File Meta Information, Image Type … the first attributes that the standard puts there.
    guard element <= 0x0018 || element == 0x0100 else { return false }
    if (65...90).contains(head[4]) && (65...90).contains(head[5]) {
      return ["UL", "OB", "UI", "CS", "LO", "SH", "DA", "TM", "SQ", "UN"].contains {
        $0.utf8.elementsEqual(head[4..<6])
      }
    }
    let length =
      isLittle
      ? Int(head[4]) | Int(head[5]) << 8 | Int(head[6]) << 16 | Int(head[7]) << 24
      : Int(head[7]) | Int(head[6]) << 8 | Int(head[5]) << 16 | Int(head[4]) << 24
    return length <= 1024 && length % 2 == 0
  }

  /// The header of a file; its pixels are not read.
  ///
  /// - Throws: `notFound`, `io`, `limitExceeded`, or `malformed` for anything that is not a DICOM instance.
  public static func header(_ path: String, limits: Limits = .standard) throws(ImageError) -> InstanceHeader {
    let handle = try open(path, limits)
    do { return try InstanceHeader(handle, path: path, limits: limits) } catch { throw error.at(path) }
  }

  /// Stored values of all frames as slices, in file order, with high bits cleared or sign-extended per Bits Stored.
  ///
  /// - Shape: one volume with the spacing of the header and the position of the first frame;
  ///   ``Series/read(policy:values:limits:)`` gives the honest geometry of a series.
  /// - Throws: `malformed` for missing, short or lying pixel data; `unsupported` for a transfer syntax or pixel format
  ///   that is not read; `limitExceeded` before anything large is allocated.
  public static func storedPixels(
    _ path: String, limits: Limits = .standard
  ) throws(ImageError) -> (header: InstanceHeader, pixels: StoredPixels) {
    let handle = try open(path, limits)
    do {
      let header = try InstanceHeader(handle, path: path, limits: limits)
      return (header, try StoredPixels(handle, header, limits: limits))
    } catch { throw error.at(path) }
  }

  static func open(_ path: String, _ limits: Limits) throws(ImageError) -> DICOMHandle {
    let location = try DataSetGuard.check(path, limits)
    let handle = try DICOMHandle(path: path)
    handle.pixelLocation = location
    return handle
  }
}

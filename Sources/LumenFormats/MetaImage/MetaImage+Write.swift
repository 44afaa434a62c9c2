// SPDX-License-Identifier: Apache-2.0
public import LumenCore

extension MetaImage {
  /// Writes a volume whole or not at all, not compressed: `.mha` in one file, `.mhd` with the samples in a `.raw` file
  /// beside it, which is written first.
  ///
  /// - Throws: `invalidParameter` for another extension; `io`.
  public static func write(_ volume: AnyVolume, to path: String) throws(ImageError) {
    let name = path.lowercased()
    if name.hasSuffix(".mha") { return try Files.write(encode(volume), to: path) }
    guard name.hasSuffix(".mhd") else {
      throw ImageError(.invalidParameter, "the name ends in neither .mha nor .mhd", place: path)
    }
    let data = path.dropLast(4) + ".raw"
    var bytes: [UInt8] = []
    volume.withStoredBytes { bytes = Array($0) }
    try Files.write(bytes, to: String(data))
    try Files.write(header(volume, data: Files.name(String(data))), to: path)
  }

  /// The bytes of a `.mha` file; they depend on the volume only.
  public static func encode(_ volume: AnyVolume) -> [UInt8] {
    var bytes = Array(header(volume, data: "LOCAL").utf8)
    bytes.reserveCapacity(bytes.count + volume.size.count * volume.kind.bytes)
    volume.withStoredBytes { bytes.append(contentsOf: $0) }
    return bytes
  }

  private static func header(_ volume: AnyVolume, data: String) -> String {
    func words(_ v: SIMD3<Double>) -> String { "\(shortest(v.x)) \(shortest(v.y)) \(shortest(v.z))" }
    let (g, size) = (volume.geometry, volume.size)
    let type =
      switch volume.kind {
      case .uint8: "MET_UCHAR"
      case .int8: "MET_CHAR"
      case .uint16: "MET_USHORT"
      case .int16: "MET_SHORT"
      case .uint32: "MET_UINT"
      case .int32: "MET_INT"
      case .float32: "MET_FLOAT"
      case .float64: "MET_DOUBLE"
      }
    return """
      ObjectType = Image
      NDims = 3
      BinaryData = True
      BinaryDataByteOrderMSB = False
      CompressedData = False
      TransformMatrix = \(words(g.direction.x)) \(words(g.direction.y)) \(words(g.direction.z))
      Offset = \(words(g.origin))
      CenterOfRotation = 0 0 0
      ElementSpacing = \(words(g.spacing))
      DimSize = \(size.columns) \(size.rows) \(size.slices)
      ElementType = \(type)
      ElementDataFile = \(data)

      """
  }
}

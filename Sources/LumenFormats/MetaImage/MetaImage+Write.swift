// SPDX-License-Identifier: Apache-2.0
public import LumenCore

extension MetaImage {
  /// Writes a volume whole or not at all, not compressed: `.mha` in one file, `.mhd` with the samples in a `.raw` file
  /// beside it, which is written first.
  ///
  /// - Throws: `invalidParameter` for another extension; `io`.
  public static func write(_ volume: AnyVolume, to path: String) throws(ImageError) {
    let name = path.lowercased()
    guard name.hasSuffix(".mha") || name.hasSuffix(".mhd") else {
      throw ImageError(.invalidParameter, "the name ends in neither .mha nor .mhd", place: path)
    }
    try SliceWriter.write(to: path, volume.geometry) { writer throws(ImageError) in try writer.append(volume) }
  }

  /// The bytes of a `.mha` file; they depend on the volume only.
  public static func encode(_ volume: AnyVolume) -> [UInt8] {
    var bytes = Array(header(volume.geometry, volume.kind, data: "LOCAL").utf8)
    bytes.reserveCapacity(bytes.count + volume.size.count * volume.kind.bytes)
    volume.withStoredBytes { bytes.append(contentsOf: $0) }
    return bytes
  }

  /// The lines before the samples.
  static func header(_ g: Geometry, _ kind: VoxelKind, data: String) -> String {
    func words(_ v: SIMD3<Double>) -> String { "\(shortest(v.x)) \(shortest(v.y)) \(shortest(v.z))" }
    let size = g.size
    let type =
      switch kind {
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

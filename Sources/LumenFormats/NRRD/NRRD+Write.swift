// SPDX-License-Identifier: Apache-2.0
import LumenCodecs
public import LumenCore

extension NRRD {
  /// Writes a volume whole or not at all, gzip-compressed: `.nrrd` in one file, `.nhdr` with the samples in a `.raw.gz`
  /// file beside it, which is written first.
  ///
  /// - Throws: `invalidParameter` for another extension; `io`.
  public static func write(_ volume: AnyVolume, to path: String) throws(ImageError) {
    let name = path.lowercased()
    guard name.hasSuffix(".nrrd") || name.hasSuffix(".nhdr") else {
      throw ImageError(.invalidParameter, "the name ends in neither .nrrd nor .nhdr", place: path)
    }
    try SliceWriter.write(to: path, volume.geometry) { writer throws(ImageError) in try writer.append(volume) }
  }

  /// The bytes of a NRRD0004 file in LPS millimetres. They depend on the volume only; gzip bytes also on the version of
  /// zlib.
  public static func encode(_ volume: AnyVolume, gzip: Bool) -> [UInt8] {
    assembled(volume, gzip: gzip, further: [])
  }

  /// The bytes of a segmentation as 3D Slicer writes it (`.seg.nrrd`): one layer, names and labels as key/value pairs.
  public static func encode(_ map: LabelMap, gzip: Bool = true) -> [UInt8] {
    let labels = map.labels
    var keys: [String] = []
    for (k, label) in labels.enumerated() {
      keys += [
        "Segment\(k)_ID:=Segment_\(label)", "Segment\(k)_LabelValue:=\(label)", "Segment\(k)_Layer:=0",
        "Segment\(k)_Name:=\(escaped(map.names[label] ?? "Segment \(label)"))",
      ]
    }
    keys.append("Segmentation_MasterRepresentation:=Binary labelmap")
    let most = labels.last ?? 0
    let voxels: AnyVolume =
      most <= 255
      ? .u8(map.voxels.map { UInt8(truncatingIfNeeded: $0) })
      : most <= 65_535 ? .u16(map.voxels.map { UInt16(truncatingIfNeeded: $0) }) : .u32(map.voxels)
    return assembled(voxels, gzip: gzip, further: keys)
  }

  private static func assembled(_ volume: AnyVolume, gzip: Bool, further: [String]) -> [UInt8] {
    var bytes = Array(header(volume.geometry, volume.kind, gzip: gzip, further: further).utf8)
    if gzip { return bytes + Gzip.compress(stored(volume)) }
    bytes.reserveCapacity(bytes.count + volume.size.count * volume.kind.bytes)
    volume.withStoredBytes { bytes.append(contentsOf: $0) }
    return bytes
  }

  private static func stored(_ volume: AnyVolume) -> [UInt8] {
    var bytes: [UInt8] = []
    volume.withStoredBytes { bytes = Array($0) }
    return bytes
  }

  /// The lines before the samples.
  static func header(
    _ geometry: Geometry, _ kind: VoxelKind, gzip: Bool = true, further: [String] = []
  ) -> String {
    func vector(_ v: SIMD3<Double>) -> String { "(\(shortest(v.x)),\(shortest(v.y)),\(shortest(v.z)))" }
    let size = geometry.size
    let lines =
      [
        "NRRD0004", "type: \(type(kind))", "dimension: 3", "space: left-posterior-superior",
        "sizes: \(size.columns) \(size.rows) \(size.slices)",
        "space directions: \(geometry.axes.map(vector).joined(separator: " "))", "kinds: domain domain domain",
        "endian: little", "encoding: \(gzip ? "gzip" : "raw")", "space origin: \(vector(geometry.origin))",
      ] + further
    // The empty line ends the header.
    return lines.joined(separator: "\n") + "\n\n"
  }

  private static func type(_ kind: VoxelKind) -> String {
    switch kind {
    case .float32: "float"
    case .float64: "double"
    default: kind.rawValue
    }
  }

  /// A value without line ends, as the format escapes them.
  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "\\": "\\\\"
      case "\n": "\\n"
      case "\r": " "
      default: String(scalar)
      }
    }.joined()
  }
}

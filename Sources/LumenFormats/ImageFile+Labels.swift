// SPDX-License-Identifier: Apache-2.0
public import LumenCore

extension ImageFile {
  /// Writes labels whole or not at all: `.nrrd` with their names (3D Slicer reads it as a segmentation); any other format
  /// of ``write(_:to:)-(AnyVolume,_)`` as unsigned whole numbers of the smallest type that holds them, without names.
  ///
  /// - Throws: as for volumes.
  public static func write(_ map: LabelMap, to path: String) throws(ImageError) {
    if path.lowercased().hasSuffix(".nrrd") { return try Files.write(NRRD.encode(map), to: path) }
    let largest = map.labels.last ?? 0
    let kind: VoxelKind = largest <= 255 ? .uint8 : largest <= 65_535 ? .uint16 : .uint32
    try write(AnyVolume.u32(map.voxels).converted(to: kind), to: path)
  }
}

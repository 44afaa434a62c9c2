// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// What PyRadiomics tells of image and mask beside the features: `diagnostics_…`.
///
/// - Source: PyRadiomics 3.0.1, `generalinfo.py`.
struct PyRadiomicsDiagnostics {
  private(set) var entries: [PythonValue.Entry] = []

  private mutating func add(_ name: String, _ value: PythonValue) {
    entries.append(.init("diagnostics_\(name)", value))
  }

  private static func tuple(_ v: SIMD3<Double>) -> PythonValue { .tuple([.real(v.x), .real(v.y), .real(v.z)]) }
  private static func tuple(_ s: Size) -> PythonValue {
    .tuple([.integer(s.columns), .integer(s.rows), .integer(s.slices)])
  }

  init(software: String, _ settings: PyRadiomicsSettings, _ imageTypes: [PythonValue.Entry]) {
    add("Versions_PyRadiomics", .text("\(PyRadiomics.version) by \(software)"))
    for name in ["Numpy", "SimpleITK", "PyWavelet", "Python"] { add("Versions_\(name)", .text("none")) }
    add("Configuration_Settings", .dictionary(settings.entries))
    add("Configuration_EnabledImageTypes", .dictionary(imageTypes))
  }

  mutating func add(_ image: AnyVolume, _ stage: String) {
    let name = "Image-\(stage)"
    if stage == "original" {
      add("\(name)_Hash", .text(image.specialised(Hash())))
      add("\(name)_Dimensionality", .text("3D"))
    }
    add("\(name)_Spacing", Self.tuple(image.geometry.spacing))
    add("\(name)_Size", Self.tuple(image.size))
    let range = image.valueRange
    add("\(name)_Mean", .real(range.mean))
    add("\(name)_Minimum", .real(range.minimum))
    add("\(name)_Maximum", .real(range.maximum))
  }

  /// - Parameter image: nil where it is not known yet whether it lies on the mask's grid.
  mutating func add(_ mask: Volume<UInt32>, _ label: UInt32, on image: AnyVolume?, _ stage: String) {
    let name = "Mask-\(stage)", size = mask.size
    if stage == "original" {
      add("\(name)_Hash", .text(mask.withVoxels { SHA1.hex(UnsafeRawBufferPointer($0)) }))
    }
    add("\(name)_Spacing", Self.tuple(mask.geometry.spacing))
    add("\(name)_Size", Self.tuple(size))
    guard let (box, count) = mask.box(of: label) else { return }
    add(
      "\(name)_BoundingBox",
      .tuple([box.low.x, box.low.y, box.low.z, box.size.x, box.size.y, box.size.z].map { .integer($0) }))
    add("\(name)_VoxelNum", .integer(count))
    let crop = mask.cropped(to: box)
    add("\(name)_VolumeNum", .integer(Self.components(crop, label)))
    var sum = SIMD3<Int>()
    crop.withVoxels { v in
      var i = 0
      for z in 0..<crop.size.slices {
        for y in 0..<crop.size.rows {
          for x in 0..<crop.size.columns {
            if v[i] == label { sum &+= SIMD3(x, y, z) }
            i += 1
          }
        }
      }
    }
    let centre =
      SIMD3(Double(sum.x), Double(sum.y), Double(sum.z)) / Double(count)
      + SIMD3(Double(box.low.x), Double(box.low.y), Double(box.low.z))
    add("\(name)_CenterOfMassIndex", Self.tuple(centre))
    add("\(name)_CenterOfMass", Self.tuple(mask.geometry.itkPosition(of: centre)))
    guard let image, image.size == size else { return }
    let values = image.cropped(box).values()
    let inside = crop.withVoxels { m in values.indices.filter { m[$0] == label }.map { values[$0] } }
    add("\(name)_Mean", .real(blockSum(inside) / Double(inside.count)))
    add("\(name)_Minimum", .real(inside.min() ?? .nan))
    add("\(name)_Maximum", .real(inside.max() ?? .nan))
  }

  /// Number of parts that touch by at most a corner (26 neighbours).
  private static func components(_ mask: Volume<UInt32>, _ label: UInt32) -> Int {
    let size = mask.size
    var open = mask.withVoxels { $0.map { $0 == label } }
    var found = 0, stack: [Int] = []
    for start in open.indices where open[start] {
      found += 1
      open[start] = false
      stack.append(start)
      while let i = stack.popLast() {
        let x = i % size.columns, y = i / size.columns % size.rows, z = i / size.plane
        for k in max(z - 1, 0)...min(z + 1, size.slices - 1) {
          for j in max(y - 1, 0)...min(y + 1, size.rows - 1) {
            for h in max(x - 1, 0)...min(x + 1, size.columns - 1) where open[size.offset(h, j, k)] {
              open[size.offset(h, j, k)] = false
              stack.append(size.offset(h, j, k))
            }
          }
        }
      }
    }
    return found
  }

  private struct Hash: AnyVolume.Visitor {
    func visit<Element: Voxel>(_ volume: Volume<Element>) throws(Never) -> String {
      volume.withVoxels { SHA1.hex(UnsafeRawBufferPointer($0)) }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore

/// What was measured of one object of a label map, or why it could not be.
public struct ObjectFeatures: Sendable {
  /// The object's label.
  public let label: UInt32
  /// Its features, in the order of the extraction's columns.
  public let result: Result<[FeatureValue], ImageError>
}

extension FeatureExtraction {
  /// Measures every object of a label map as if its mask were given alone; parallel over the objects.
  ///
  /// - Cost: one pass over the voxels, then for each object its own box.
  /// - Throws: `invalidParameter` when image and labels lie on different grids. What goes wrong with one object stands in
  ///   its result.
  public func objects(of map: LabelMap, _ image: AnyVolume) throws(ImageError) -> [ObjectFeatures] {
    try image.geometry.requireSame(as: map.voxels.geometry, "the label map")
    let runs = LabelRuns(map.voxels), size = map.voxels.size, spacing = map.voxels.geometry.spacing
    // Spheres of local intensity reach over the box.
    let reach = families.contains(.local) ? 10 * cbrt(3 / (4 * Double.pi)) : 0
    func margin(_ axis: Int) -> Int {
      let voxels = (reach / spacing[axis]).rounded(.up) + (reach > 0 ? 1 : 0)
      return voxels < Double(size[axis]) ? Int(voxels) : size[axis]
    }
    let (mx, my, mz) = (margin(0), margin(1), margin(2))
    let n = runs.labels.count
    return [ObjectFeatures](unsafeUninitializedCapacity: n) { buffer, count in
      count = n
      nonisolated(unsafe) let out = buffer
      parallelFor(n) { range in
        for k in range {
          let (mask, crop) = runs.runs.withUnsafeBufferPointer { all -> (Mask, AnyVolume) in
            let own = UnsafeBufferPointer(rebasing: all[runs.starts[k]..<runs.starts[k + 1]])
            let shape = ObjectShape(own, size)
            let columns = max(0, shape.first.x - mx)..<min(size.columns, shape.last.x + 1 + mx)
            let rows = max(0, shape.first.y - my)..<min(size.rows, shape.last.y + 1 + my)
            let slices = max(0, shape.first.z - mz)..<min(size.slices, shape.last.z + 1 + mz)
            let crop = image.specialised(Crop(columns: columns, rows: rows, slices: slices))
            let mask = Mask(crop.geometry) { voxels in
              voxels.update(repeating: 0)
              for run in own {
                let (y, z) = (Int(run.row) % size.rows - rows.lowerBound, Int(run.row) / size.rows - slices.lowerBound)
                let row = crop.size.offset(Int(run.first) - columns.lowerBound, y, z)
                for i in row...row + Int(run.last - run.first) { voxels[i] = 1 }
              }
            }
            return (mask, crop)
          }
          let result: Result<[FeatureValue], ImageError>
          do throws(ImageError) { result = .success(try self(crop, in: mask)) } catch {
            result = .failure(error.at("object \(runs.labels[k])"))
          }
          (out.baseAddress! + k).initialize(to: ObjectFeatures(label: runs.labels[k], result: result))
        }
      }
    }
  }
}

private struct Crop: AnyVolume.Visitor {
  typealias Failure = Never
  let columns: Range<Int>, rows: Range<Int>, slices: Range<Int>

  func visit<Element: Voxel>(_ volume: Volume<Element>) throws(Never) -> AnyVolume {
    Element.erase(volume.cropped(columns: columns, rows: rows, slices: slices))
  }
}

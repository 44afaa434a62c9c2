// SPDX-License-Identifier: Apache-2.0
import LumenCore
import LumenFormats

/// A synthetic radiograph: the line integral of (1 + HU / 1000) through the chest from front to back, with a nodule.
///
/// - Shape: a square; values from 0 (air) to 1 (the thickest path).
func radiograph(_ side: Int) -> [Double] {
  let spec = CaseSpec.cohort[1], fov = spec.spacing * Double(Phantom.side), pixel = fov / Double(side)
  let anatomy = Anatomy(patient: spec.patientSeed, fov: fov)
  let lesion = Lesion(
    patient: spec.patientSeed, centre: anatomy.lungCentre(spec.side) + spec.offset, diameter: spec.diameter,
    texture: spec.texture)
  let steps = 128, half = Double(side - 1) / 2
  let sums = Volume<Double>(Geometry(size: Size(columns: side, rows: side))) { out in
    nonisolated(unsafe) let p = out.baseAddress!
    parallelFor(side) { rows in
      for row in rows {
        // The first row is the head. Above and below the chest the anatomy goes on without lungs.
        let z = (half - Double(row)) * pixel, vessels = anatomy.vessels(near: z)
        for column in 0..<side {
          var sum = 0.0
          for step in 0..<steps {
            let y = ((Double(step) + 0.5) / Double(steps) - 0.5) * fov
            let at = SIMD3((Double(column) - half) * pixel, y, z)
            if at.y > 0.3 * fov { break }  // the table is not in the beam
            let value = anatomy.value(at, vessels: vessels) { _ in 1 }.hu
            let f = Anatomy.coverage(lesion.distance(at))
            sum += 1 + (value + (spec.mean - value) * f) / 1000
          }
          p[row * side + column] = sum
        }
      }
    }
  }
  return sums.withVoxels { v in
    let top = v.max() ?? 1
    return v.map { max($0 / top, 0) }
  }
}

/// Black, red, yellow, white.
private func hot(_ v: Double) -> [UInt16] {
  [3 * v, 3 * v - 1, 3 * v - 2].map { UInt16((min(max($0, 0), 1) * 255).rounded()) }
}

/// Writes the pictures: grey PNG of 8 and 16 bits, grey JPEG, RGB PNG and JPEG of one radiograph.
func writePictures(to folder: String) throws(ImageError) {
  try Files.makeFolder(folder)
  let side = 256, values = radiograph(side), geometry = Geometry(size: Size(columns: side, rows: side))
  let grey = AnyVolume.u8(try Volume(geometry, voxels: values.map { UInt8(($0 * 255).rounded()) }))
  let deep = AnyVolume.u16(try Volume(geometry, voxels: values.map { UInt16(($0 * 65535).rounded()) }))
  let colour = ColourImage(columns: side, rows: side, samples: values.flatMap(hot))
  try Files.write(try PNG.encode(grey), to: folder + "/radiograph-grey8.png")
  try Files.write(try PNG.encode(deep), to: folder + "/radiograph-grey16.png")
  try Files.write(try PNG.encode(colour), to: folder + "/radiograph-rgb.png")
  try Files.write(try JPEG.encode(grey, quality: 90), to: folder + "/radiograph-grey.jpg")
  try Files.write(try JPEG.encode(colour, quality: 90), to: folder + "/radiograph-rgb.jpg")
}

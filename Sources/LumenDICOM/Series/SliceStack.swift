// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// Where slices lie along their normal: order, spacing and what is irregular.
///
/// - Source: PS3.3 C.7.6.2.1.1. Spacing comes from positions only; Slice Thickness is how thick a slice is, not how far
///   the next one.
struct SliceStack {
  /// Indices of the slices in increasing order along the normal.
  let order: [Int]
  /// Distance of neighbouring slices, mm: the mean of the gaps, so that the last slice is where its position says.
  let spacing: Double
  /// What is irregular.
  let findings: [GeometryFinding]

  /// Slices at known positions; ties keep their order.
  ///
  /// - Parameter nominal: spacing of a single slice.
  init(_ positions: [SIMD3<Double>], _ orientation: ImageOrientation, nominal: Double) {
    let normal = orientation.normal
    let along = positions.map { dot($0, normal) }
    let order = along.indices.sorted { (along[$0], $0) < (along[$1], $1) }
    self.order = order
    let n = order.count
    guard n > 1 else {
      spacing = nominal
      findings = []
      return
    }
    let gaps = (1..<n).map { along[order[$0]] - along[order[$0 - 1]] }
    let samePlace = Self.samePlace(nominal: nominal)
    let distinct = gaps.filter { $0 > samePlace }.sorted()
    guard let largest = distinct.last else {
      spacing = nominal
      findings = [GeometryFinding(.duplicatePositions, slice: 0, found: gaps.first ?? 0, expected: nominal)]
      return
    }
    let median = distinct[(distinct.count - 1) / 2]
    let tolerance = Self.tolerance(gap: median)
    var found: [GeometryFinding] = []
    if gaps.count > distinct.count || largest - median > tolerance || median - (distinct.first ?? 0) > tolerance {
      for (i, gap) in gaps.enumerated() where abs(gap - median) > tolerance {
        let multiple = (gap / median).rounded()
        if gap <= samePlace {
          found.append(GeometryFinding(.duplicatePositions, slice: i, found: gap, expected: median))
        } else if multiple >= 2 && abs(gap - multiple * median) <= multiple * tolerance {
          found.append(GeometryFinding(.missingSlices, slice: i, found: gap, expected: multiple - 1))
        } else {
          found.append(GeometryFinding(.variableSpacing, slice: i, found: gap, expected: median))
        }
      }
    }
    spacing = (along[order[n - 1]] - along[order[0]]) / Double(n - 1)
    findings = found + Self.shear(order.map { positions[$0] }, normal, tolerance)
  }

  /// How far a slice may lie from its place, mm: 1 % of the gap, at least the 0.01 mm to which headers are rounded, but
  /// no more than a tenth of the gap.
  static func tolerance(gap: Double) -> Double { max(0.01 * gap, min(0.01, 0.1 * gap)) }

  /// The distance along the normal up to which two slices lie at the same place, mm.
  static func samePlace(nominal: Double) -> Double { min(0.001, 0.05 * nominal) }

  /// Movement in the image plane: a tilt where it grows evenly, shifted slices where it does not.
  private static func shear(
    _ positions: [SIMD3<Double>], _ normal: SIMD3<Double>, _ tolerance: Double
  ) -> [GeometryFinding] {
    guard let first = positions.first, let last = positions.last else { return [] }
    let whole = last - first, height = dot(whole, normal)
    guard height > 0 else { return [] }
    let spacing = height / Double(positions.count - 1)
    let drift = (whole - normal * height) / height
    var findings: [GeometryFinding] = []
    let slope = dot(drift, drift).squareRoot()
    if slope * spacing > tolerance {
      findings.append(GeometryFinding(.gantryTilt, found: atan(slope) * 180 / .pi))
    }
    for (i, position) in positions.enumerated() {
      let step = position - first, h = dot(step, normal)
      let off = step - normal * h - drift * h
      let distance = dot(off, off).squareRoot()
      if distance > max(tolerance, min(0.1, 0.25 * spacing)) {
        findings.append(GeometryFinding(.shiftedSlices, slice: i, found: distance))
      }
    }
    return findings
  }
}

// SPDX-License-Identifier: Apache-2.0
public import LumenCore

extension Series {
  /// The runs of slices that lie on regular grids for themselves, in their order along the normal.
  ///
  /// Of slices at the same position with the same pixels the first is kept; with other pixels each goes to a stack of
  /// its own. A run ends where the step to the next slice differs from its own by more than ``SliceStack`` tolerates, along the
  /// normal or in the plane. A tilted stack stays one run: it is even, but not orthogonal. A series that is regular
  /// comes back as it is.
  ///
  /// - Throws: as ``read(policy:values:limits:)`` where duplicates have to be compared.
  public func split(limits: Limits = .standard) throws(ImageError) -> [Series] {
    let layout = try layout(limits)
    guard layout.findings.contains(where: \.isError), layout.positions.count == layout.slices.count,
      layout.tiles.isEmpty
    else { return [self] }
    let normal = layout.geometry.direction.z, n = layout.slices.count
    // Stacks: the k-th of every position that has so many different ones.
    let samePlace = SliceStack.samePlace(nominal: instances[0].nominalSpacing)
    var stacks: [[Int]] = [], z = 0
    while z < n {
      var end = z + 1
      while end < n, dot(layout.positions[end] - layout.positions[z], normal) <= samePlace { end += 1 }
      var kept = [z]
      for other in z + 1..<max(end, z + 1) where try !isRepeated(other, of: kept, layout, limits) { kept.append(other) }
      for (k, slice) in kept.enumerated() {
        if k == stacks.count { stacks.append([]) }
        stacks[k].append(slice)
      }
      z = end
    }
    var runs: [[Int]] = []
    for stack in stacks {
      var run: [Int] = [], step: SIMD3<Double>?
      for slice in stack {
        if let last = run.last {
          let next = layout.positions[slice] - layout.positions[last]
          let tolerance = SliceStack.tolerance(gap: dot(next, normal))
          if let own = step, dot(next - own, next - own).squareRoot() > tolerance {
            runs.append(run)
            run = []
            step = nil
          } else if step == nil {
            step = next
          }
        }
        run.append(slice)
      }
      runs.append(run)
    }
    return runs.enumerated().map { k, run in
      var series = self
      let picks = run.map { layout.slices[$0] }, used = Set(picks.map(\.instance)).sorted()
      series.instances = used.map { instances[$0] }
      let place = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
      let own = picks.map { Pick(instance: place[$0.instance] ?? 0, frame: $0.frame) }
      series.picks = nil
      if Set(own) != Set(series.frames) { series.picks = own }
      series.label = (label.isEmpty ? "" : label + ", ") + "run \(k + 1) of \(runs.count)"
      return series
    }
  }

  /// Whether a slice has the same pixels as one of others.
  private func isRepeated(
    _ slice: Int, of others: [Int], _ layout: SeriesLayout, _ limits: Limits
  ) throws(ImageError) -> Bool {
    if isColour { return false }
    for other in others {
      let two = [layout.slices[other], layout.slices[slice]]
      let stored = try SliceDecoding(self, two, layout.geometry.slices(2), limits).stored()
      if stored.slicesAreEqual(0, 1) { return true }
    }
    return false
  }
}

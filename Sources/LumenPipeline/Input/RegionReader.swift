// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Lists and draws regions: in a worker where there are workers, else here.
struct RegionReader: Sendable {
  let workers: WorkerPool?

  /// What regions a file holds.
  func list(_ path: String) throws(ImageError) -> RegionSource.Listing {
    if let workers { return try workers.regions(path) }
    return try RegionSource(contentsOf: path).listing
  }

  /// The chosen regions of a file on the grid of an image, and what was irregular about them.
  func draw(
    _ path: String, _ names: [String], on image: Geometry, _ placing: RegionSource.Placing
  ) throws(ImageError) -> (regions: [(region: RegionSource.Region, mask: Mask)], notes: [String]) {
    let source = workers == nil ? try RegionSource(contentsOf: path) : nil
    let listing = if let source { source.listing } else { try list(path) }
    var drawn: [(region: RegionSource.Region, mask: Mask)] = [], notes = listing.notes
    let chosen: [RegionSource.Region]
    do { chosen = try listing.chosen(names) } catch { throw error.at(path) }
    for region in chosen {
      let (mask, own): (Mask, [String])
      if let source {
        (mask, own) = try source.mask(region, on: image, placing)
      } else if let workers {
        (mask, own) = try workers.mask(region, of: path, on: image, placing)
      } else {
        continue
      }
      drawn.append((region, mask))
      notes += own
    }
    return (drawn, notes)
  }
}

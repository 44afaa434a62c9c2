// SPDX-License-Identifier: Apache-2.0
public import LumenCore
import LumenDICOM
import LumenFilters
import LumenFormats

extension [Step] {
  /// Memory of the command besides voxels: code, threads, buffers of files.
  static var overhead: Int { 64 << 20 }

  /// Filters an image file into another within a budget of memory: at once when the volume fits, else slab by slab with
  /// the same result, where the filters and both formats allow it.
  ///
  /// - Parameter memory: bytes that the process may take; ``overhead`` of them are set aside.
  /// - Returns: what the user has to know about the image.
  /// - Throws: `limitExceeded` with what is needed and the budget, naming the filter that needs the whole volume;
  ///   what reading, filtering and writing throw. An older output stays then.
  public func filter(
    _ input: String, to output: String, _ options: InputImage.Options = InputImage.Options(), memory: Int
  ) throws(ImageError) -> [String] {
    try requireFilters("filters")
    let budget = Swift.max(0, memory - Self.overhead)
    let reader = options.values == .modality ? try SliceReader(contentsOf: input, volume: options.volume) : nil
    guard let reader else { return try filterWhole(input, output, options, budget, memory) }
    let (geometry, kind) = (reader.geometry, reader.kind), needed = filters.memory(geometry, kind)
    if needed <= budget {
      try ImageFile.write(filtered(reader.read(0..<geometry.size.slices)), to: output)
      return []
    }
    for step in self {
      guard let filter = step.operation as? any Filter else { continue }
      do {
        if try filter.reach(geometry) != nil { continue }
      } catch { throw error.at(step.entry.name) }
      throw ImageError(
        .limitExceeded,
        "\(step.entry.name) depends on the whole volume: that takes \(Memory.text(Self.whole(needed))) of memory, "
          + "the budget is \(Memory.text(memory))", place: input,
        hint: "raise the budget, leave the filter out, or choose another boundary condition where it has one")
    }
    guard SliceWriter.isWritten(output) else {
      throw ImageError(
        .limitExceeded,
        "the volume takes \(Memory.text(Self.whole(needed))) of memory at once, the budget is "
          + "\(Memory.text(memory)), and a file of this ending is not written in slabs", place: output,
        hint: "use .nii, .nii.gz, .nrrd, .nhdr, .mha or .mhd")
    }
    // Blocks kept for reuse count as well.
    let capacity = BlockPool.shared.capacity
    BlockPool.shared.capacity = Swift.min(capacity, budget)
    defer { BlockPool.shared.capacity = capacity }
    do throws(ImageError) {
      try SliceWriter.write(to: output, geometry) { writer throws(ImageError) in
        try filterInSlabs(
          filters, geometry: geometry, kind: kind, budget: budget,
          read: { slices throws(ImageError) in try reader.read(slices) },
          write: { _, slab throws(ImageError) in try writer.append(slab) })
      }
    } catch {
      guard error.kind == .limitExceeded, error.hint == nil else { throw error }
      throw ImageError(
        .limitExceeded,
        "\(error.what); the budget is \(Memory.text(memory)), \(Memory.text(Self.overhead)) of it for "
          + "what is not voxels", place: input, hint: "raise the budget")
    }
    return []
  }

  private var filters: [any Filter] { compactMap { $0.operation as? any Filter } }

  private static func whole(_ voxels: Int) -> Int {
    let (sum, overflow) = voxels.addingReportingOverflow(overhead)
    return overflow ? .max : sum
  }

  /// An image that is not read in slabs.
  private func filterWhole(
    _ input: String, _ output: String, _ options: InputImage.Options, _ budget: Int, _ memory: Int
  ) throws(ImageError) -> [String] {
    var options = options
    options.limits.decodedBytes = Swift.min(options.limits.decodedBytes, budget)
    let image = try InputImage(contentsOf: input, options)
    let needed = filters.memory(image.volume.geometry, image.volume.kind)
    guard needed <= budget else {
      throw ImageError(
        .limitExceeded,
        "filtering the whole volume takes \(Memory.text(Self.whole(needed))) of memory, the budget is "
          + "\(Memory.text(memory)); an image of this format is not read in slabs", place: input,
        hint: "raise the budget, or convert it to .nii first")
    }
    try ImageFile.write(filtered(image.volume), to: output)
    return image.notes
  }
}

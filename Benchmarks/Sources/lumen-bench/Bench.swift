// SPDX-License-Identifier: Apache-2.0
import Foundation
import Lumen

/// `lumen-bench decode INPUTS OUT THREADS [NAME…]`, `filters` or `radiomics` instead: the peers' work on the
/// peers' inputs; `lumen-bench radiomics list`: their names. `lumen-bench slabs SIDE MIB THREADS`: a volume larger than memory. `lumen-bench DIR THREADS`: the
/// kernels on 512 × 512 × 100 voxels. One JSON line a figure; results are written as raw files, so that they can be
/// compared.
@main struct Main {
  static func main() throws { try bench() }
}

func bench() throws {
  let words = CommandLine.arguments
  if words.count >= 5, words[1] == "decode", let threads = Int(words[4]) {
    return try decode(words[2], words[3], threads, only: Array(words[5...]))
  }
  var groups = ["filters": convolutionItems + edgeItems + rankItems + smoothingItems + morphologyItems + textureItems]
  groups["filters"]? += intensityItems + geometryItems
  groups["radiomics"] = radiomicsItems + classItems + mapItems + objectItems
  if words.count == 3, words[2] == "list", let group = groups[words[1]] {
    for item in group { print(item.name) }
    return
  }
  if words.count >= 5, let group = groups[words[1]], let threads = Int(words[4]) {
    return try items(group, words[2], words[3], threads, only: Array(words[5...]))
  }
  if words.count == 5, words[1] == "slabs", let side = Int(words[2]), let mib = Int(words[3]), let n = Int(words[4]) {
    return try slabs(side: side, budget: mib << 20, n)
  }
  guard CommandLine.arguments.count == 3, let threads = Int(CommandLine.arguments[2]) else {
    print("usage: lumen-bench DIR THREADS")
    exit(64)
  }
  let folder = CommandLine.arguments[1]
  Parallel.width = threads
  let inputs = Inputs()
  try inputs.store(in: folder)

  core(inputs, threads)

  let gaussian = Gaussian(sigma: .mm(2))
  var smooth = Volume<Float>(inputs.float.geometry, repeating: 0)
  try report("gaussian3d", "reused", threads, times { try gaussian(inputs.float, into: &smooth) })
  try save(smooth, "\(folder)/gaussian3d.raw")
  try report("gaussian3d", "fresh", threads, times(freshBlocks) { _ = try gaussian(inputs.float) })

  let median = Median(radius: 1, boundary: .nearest)
  try report("median3d.f32", "reused", threads, times { try median(inputs.float, into: &smooth) })
  try save(smooth, "\(folder)/median3d.f32.raw")
  try report("median3d.f32", "fresh", threads, times(freshBlocks) { _ = try median(inputs.float) })
  var whole = Volume<Int16>(inputs.int16.geometry, repeating: 0)
  try report("median3d.i16", "reused", threads, times { try median(inputs.int16, into: &whole) })
  try save(whole, "\(folder)/median3d.i16.raw")
  try report("median3d.i16", "fresh", threads, times(freshBlocks) { _ = try median(inputs.int16) })

  try report("otsu.i16", "reused", threads, times { _ = try Otsu()(.i16(inputs.int16)) })
  let mask = try Threshold(lower: 0)(.i16(inputs.int16))
  report("components26", "reused", threads, times { _ = ConnectedComponents(mask) })
  var extraction = FeatureExtraction()
  extraction.discretisation = .fixedBinNumber(32)
  try report("firstorder+glcm", "reused", threads, times(runs: 3) { _ = try extraction(.i16(inputs.int16), in: mask) })
}

/// A computed body in air with noise: deterministic, values of a CT.
struct Inputs {
  let int16: Volume<Int16>, float: Volume<Float>

  init() {
    let size = Size(columns: 512, rows: 512, slices: 100)
    int16 = Volume(Geometry(size: size)) { out in
      var state: UInt32 = 1
      for z in 0..<size.slices {
        for y in 0..<size.rows {
          for x in 0..<size.columns {
            state = state &* 1_664_525 &+ 1_013_904_223
            let (dx, dy) = (x - 256, y - 256)
            let body = dx * dx + 2 * dy * dy < 44_000
            let wave = (x / 24 + y / 24 + z / 8) & 3
            out[size.offset(x, y, z)] = Int16((body ? 40 * wave : -1000) + Int(state >> 26) - 32)
          }
        }
      }
    }
    float = int16.map { Float($0) }
  }

  func store(in folder: String) throws {
    if Files.exists("\(folder)/input.f32") { return }
    try save(float, "\(folder)/input.f32")
    try save(int16, "\(folder)/input.i16")
  }
}

/// The parts that every kernel stands on.
func core(_ inputs: Inputs, _ threads: Int) {
  let bytes = inputs.float.count * 4
  var target = Volume<Float>(inputs.float.geometry, repeating: 0)
  let copy = times(runs: 15) {
    inputs.float.withVoxels { from in
      target.withMutableVoxels { to in
        nonisolated(unsafe) let (src, dst) = (from.baseAddress!, to.baseAddress!)
        parallelFor(from.count, grain: 1 << 18) { range in
          (dst + range.lowerBound).update(from: src + range.lowerBound, count: range.count)
        }
      }
    }
  }
  report("copy", "reused", threads, copy, ["gigabytesPerSecond": 2 * Double(bytes) / copy.min()! / 1e6])
  report("allocate", "fresh", threads, times(freshBlocks) { _ = Volume<Float>(inputs.float.geometry, repeating: 1) })
  report("allocate", "reused", threads, times { _ = Volume<Float>(inputs.float.geometry, repeating: 1) })
  report(
    "parallelFor.empty", "reused", threads, times(runs: 200) { parallelFor(64) { _ in } })
  report(
    "parallelReduce.sum", "reused", threads,
    times {
      _ = inputs.float.withVoxels { v in
        nonisolated(unsafe) let p = v.baseAddress!
        return parallelReduce(v.count, block: 1 << 16, Float(0)) { range in
          var sum = SIMD16<Float>(repeating: 0)
          for i in stride(from: range.lowerBound, to: range.upperBound - 15, by: 16) { sum += load16(p + i) }
          return sum.sum()
        } combine: {
          $0 += $1
        }
      }
    })
}

/// Gives every recycled block back before each run, so that the run pays for fresh memory.
func freshBlocks() { BlockPool.shared.trim() }

/// Milliseconds of each run, after one more to warm up.
func times(
  warm: Bool = true, _ before: () -> Void = {}, runs: Int = 7, _ body: () throws -> Void
) rethrows -> [Double] {
  if warm { try body() }
  var result: [Double] = []
  for _ in 0..<runs {
    before()
    let start = ContinuousClock.now
    try body()
    result.append((ContinuousClock.now - start) / .milliseconds(1))
  }
  return result
}

func report(
  _ item: String, _ memory: String, _ threads: Int, _ ms: [Double], _ more: [String: Double] = [:],
  _ words: [String: String] = [:], _ values: String = ""
) {
  let sorted = ms.sorted()
  let extra = (more.map { ",\"\($0)\":\($1)" } + words.map { ",\"\($0)\":\"\($1)\"" }).joined()
  print(
    "{\"item\":\"\(item)\",\"memory\":\"\(memory)\",\"threads\":\(threads),\"median_ms\":\(sorted[sorted.count / 2]),"
      + "\"min_ms\":\(sorted[0])\(extra)\(values)}")
}

func save<T: Voxel>(_ volume: Volume<T>, _ path: String) throws {
  try volume.withVoxels { voxels in try Files.write(UnsafeRawBufferPointer(voxels), to: path) }
}

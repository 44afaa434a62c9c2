// SPDX-License-Identifier: Apache-2.0
import Foundation
import Lumen

/// One unit of work that the peers do too, under the peers' name for it.
struct Item {
  /// The peers' name: "f.gauss3d".
  let name: String
  /// Bytes that must be read and written once: what a copy at full bandwidth is compared with.
  let bytes: (PeerInputs) throws -> Int
  /// Makes the inputs and gives the work; its result is compared with the peers'.
  let prepare: (PeerInputs) throws -> Work

  /// What is timed.
  struct Work {
    let run: () throws -> Output
  }

  /// What the peers' results are compared with.
  enum Output {
    case image(AnyVolume)
    /// Values by name; made after the clock has stopped.
    case values(() -> [(name: String, value: Double)])
  }

  /// Work on inputs of its own, which it reads once.
  init(
    _ name: String, bytes: @escaping (PeerInputs) throws -> Int = { _ in 0 },
    prepare: @escaping (PeerInputs) throws -> () throws -> AnyVolume
  ) {
    (self.name, self.bytes) = (name, bytes)
    self.prepare = { inputs in
      let work = try prepare(inputs)
      return Work { .image(try work()) }
    }
  }

  /// Work that gives values by name.
  init(values name: String, prepare: @escaping (PeerInputs) throws -> Work) {
    (self.name, self.prepare) = (name, prepare)
    bytes = { _ in 0 }
  }

  /// Work on one image whose result has as many voxels.
  init(
    _ name: String, on input: KeyPath<PeerInputs, AnyVolume>, resultBytes: Int = 4,
    _ work: @escaping (AnyVolume) throws -> AnyVolume
  ) {
    self.name = name
    bytes = { $0[keyPath: input].size.count * ($0[keyPath: input].kind.bytes + resultBytes) }
    prepare = { inputs in
      let image = inputs[keyPath: input]
      return Work { .image(try work(image)) }
    }
  }
}

/// The peers' inputs, read once each. Spacing is 1 mm unless the name says otherwise.
final class PeerInputs {
  let folder: String
  init(_ folder: String) { self.folder = folder }

  /// 512 × 512 × 200, CT values.
  lazy var ct = read("ct", Int16.self, 512, 512, 200)
  lazy var ctf = AnyVolume.f32(ct.float)
  /// The same with its spacing of 0.8 × 0.8 × 1.25 mm.
  lazy var ctSpaced = spaced(ct)
  lazy var ctfSpaced = spaced(ctf)
  /// The central half of every axis.
  lazy var half = central(ct)
  lazy var halff = AnyVolume.f32(half.float)
  /// 2048 × 2048.
  lazy var sq16 = read("sq_u16", UInt16.self, 2048, 2048, 1)
  lazy var sqf = AnyVolume.f32(sq16.float)
  lazy var sq8 = read("sq_u8", UInt8.self, 2048, 2048, 1)
  /// Masks, 0 and 1.
  lazy var holes = read("holes", UInt8.self, 512, 512, 200)

  /// The region of that many voxels: "1e4", "1e5", "1e6".
  func region(_ voxels: String) -> Mask {
    guard case .u8(let mask) = read("roi_\(voxels)", UInt8.self, 512, 512, 200) else { fatalError("a mask is 8-bit") }
    return Mask(mask)
  }

  func read<T: Voxel>(_ name: String, _ type: T.Type, _ columns: Int, _ rows: Int, _ slices: Int) -> AnyVolume {
    guard let data = FileManager.default.contents(atPath: "\(folder)/\(name).raw"),
      data.count == columns * rows * slices * MemoryLayout<T>.stride
    else { fatalError("\(folder)/\(name).raw is not what make_inputs.py writes") }
    let geometry = Geometry(size: Size(columns: columns, rows: rows, slices: slices))
    return T.erase(
      Volume<T>(geometry) { out in
        _ = data.withUnsafeBytes { UnsafeMutableRawBufferPointer(out).copyBytes(from: $0) }
      })
  }

  private func spaced(_ image: AnyVolume) -> AnyVolume {
    image.with(Geometry(size: image.size, spacing: [0.8, 0.8, 1.25]))
  }

  private func central(_ image: AnyVolume) -> AnyVolume {
    guard case .i16(let v) = image else { fatalError("the CT is 16-bit") }
    let s = v.size
    let part = v.cropped(
      columns: s.columns / 4..<s.columns - s.columns / 4, rows: s.rows / 4..<s.rows - s.rows / 4,
      slices: s.slices / 4..<s.slices - s.slices / 4)
    return .i16(part.with(Geometry(size: part.size)))
  }
}

/// Times the items on the peers' inputs. A result that is an image is written to `output` as a raw file, values by name go
/// into the line, so that both can be compared.
func items(_ all: [Item], _ inputs: String, _ output: String, _ threads: Int, only words: [String]) throws {
  Parallel.width = threads
  let inputs = PeerInputs(inputs),
    chosen = all.filter { item in
      // A whole name means that item alone, although others may begin with it.
      words.isEmpty
        || words.contains { word in
          item.name == word || item.name.hasPrefix(word) && !all.contains { $0.name == word }
        }
    }
  if try chosen.contains(where: { try $0.bytes(inputs) > 0 }) { copyBandwidth(inputs.ctf.float, threads) }
  for item in chosen {
    let work = try item.prepare(inputs)
    var more = try ["bytes": Double(item.bytes(inputs))], words: [String: String] = [:], values = ""
    switch try work.run() {
    case .image(let image):
      try image.accept(Save(path: "\(output)/\(item.name).raw"))
      words["kind"] = image.kind.rawValue
    case .values(let list): values = json(list())
    }
    freshBlocks()
    Resident.forgetPeak()
    more["rss_base_mb"] = Resident.now
    let once = try times(warm: false, runs: 1) { _ = try work.run() }
    let runs = once[0] > 3000 ? 1 : once[0] < 100 ? 15 : 5
    for memory in ["fresh", "reused"] {
      let ms = try times(warm: false, { if memory == "fresh" { freshBlocks() } }, runs: runs) { _ = try work.run() }
      more["rss_peak_mb"] = Resident.peak
      report(item.name, memory, threads, ms, more, words, values)
    }
  }
}

/// Names and values as JSON; null for what is not a number.
private func json(_ values: [(name: String, value: Double)]) -> String {
  ",\"values\":{" + values.map { "\"\($0.name)\":\($0.value.isFinite ? "\($0.value)" : "null")" }.joined(separator: ",")
    + "}"
}

/// Memory of this process that lies in the machine's, MiB.
enum Resident {
  static var now: Double { status("VmRSS:") }
  /// The most since ``forgetPeak()``.
  static var peak: Double { status("VmHWM:") }
  static func forgetPeak() {
    if let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") { file.write(Data("5".utf8)) }
  }

  private static func status(_ key: String) -> Double {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }.map { $0 / 1024 } ?? 0
  }
}

/// Copies the largest input: what every other figure is compared with.
private func copyBandwidth(_ volume: Volume<Float>, _ threads: Int) {
  var target = Volume<Float>(volume.geometry, repeating: 0)
  let copy = times(runs: 9) {
    volume.withVoxels { from in
      target.withMutableVoxels { to in
        nonisolated(unsafe) let (src, dst) = (from.baseAddress!, to.baseAddress!)
        parallelFor(from.count, grain: 1 << 18) { range in
          (dst + range.lowerBound).update(from: src + range.lowerBound, count: range.count)
        }
      }
    }
  }
  report("copy", "reused", threads, copy, ["bytes": 8 * Double(volume.count)])
}

// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

extension Series {
  /// The volumes that instances of one DICOM series form: frames of one size, frame of reference and orientation, each
  /// position once.
  ///
  /// Localizers and every orientation become volumes of their own. Where several frames lie at the same position, they
  /// are told apart by stack, Image Type, echo, b-value, temporal position, acquisition, trigger time, and at last by
  /// acquisition time or instance number when every position has the same number of them; else they stay in one volume
  /// and show as duplicate positions. Stacks or acquisitions that are regular for themselves, but not together, are
  /// divided too. A mosaic is a volume of its own; parts of a concatenation belong together.
  ///
  /// - Returns: volumes in the order of their first instance, those of a time series in the order of time.
  public static func volumes(of instances: [InstanceHeader]) -> [Series] {
    struct Key: Hashable {
      let frameOfReference: String, concatenation: String, photometric: Bool
      let columns: Int, rows: Int, samples: Int, multiframe: Int, isMosaic: Bool
    }
    var groups: [Key: [Int]] = [:], keys: [Key] = []
    for (i, h) in instances.enumerated() {
      let key = Key(
        frameOfReference: h.frameOfReferenceUID, concatenation: h.concatenationUID, photometric: h.isColour,
        columns: h.columns, rows: h.rows, samples: h.samplesPerPixel,
        multiframe: h.frames > 1 && h.concatenationUID.isEmpty ? i : -1, isMosaic: h.mosaic != nil)
      if groups[key] == nil { keys.append(key) }
      groups[key, default: []].append(i)
    }
    var all = keys.flatMap { Self.divided(instances.only(groups[$0] ?? [])) }
    label(multiframe: &all)
    annotate(&all)
    return all
  }

  /// Volumes of frames of one kind.
  private static func divided(_ group: [InstanceHeader]) -> [Series] {
    var group = group
    if group.contains(where: { !$0.concatenationUID.isEmpty }) {
      group.sort { $0.concatenationOffset < $1.concatenationOffset }
    }
    return VolumeSplit.parts(group).map { part in
      let used = part.picks.map(\.instance).uniqued
      var series: Series
      if group.allSatisfy({ $0.frames == 1 }) {
        series = Series(group.only(used.sorted()))
      } else {
        let place = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
        series = Series([])
        series.instances = used.map { group[$0] }
        let picks = part.picks.map { Pick(instance: place[$0.instance] ?? 0, frame: $0.frame) }
        if picks.count != series.instances.reduce(0, { $0 + $1.frames }) {
          series.picks = picks.sorted { ($0.instance, $0.frame) < ($1.instance, $1.frame) }
        }
      }
      series.label = part.labels.joined(separator: ", ")
      series.isTimePoint = !part.labels.isEmpty && part.isTime
      if part.isLocalizer {
        series.notes.append(GeometryFinding(.localizer))
        series.label = series.label.isEmpty ? "localizer" : "localizer, \(series.label)"
      }
      return series
    }
  }

  /// Several multi-frame objects of one series: told apart by time, acquisition or instance number.
  private static func label(multiframe all: inout [Series]) {
    let own = all.indices.filter { all[$0].instances.count == 1 && all[$0].instances[0].frames > 1 }
    let files = own.map { all[$0].instances[0].path }.uniqued
    guard files.count > 1, files.count == own.count else { return }
    let order = own.sorted { a, b in
      let (x, y) = (all[a].instances[0], all[b].instances[0])
      let (m, n) = (x.dimension, y.dimension)
      return (m.temporalPosition ?? 0, m.acquisitionNumber ?? 0, x.instanceNumber ?? .max, a)
        < (n.temporalPosition ?? 0, n.acquisitionNumber ?? 0, y.instanceNumber ?? .max, b)
    }
    let sorted = order.map { all[$0] }
    for (k, (place, series)) in zip(own, sorted).enumerated() {
      all[place] = series
      all[place].label = ["object \(k + 1) of \(files.count)", series.label].filter { !$0.isEmpty }.joined(
        separator: ", ")
    }
  }

  /// Numbers the volumes of one DICOM series and says what is special about each.
  private static func annotate(_ all: inout [Series]) {
    guard all.count > 1 else { return }
    let frames = Set(all.map { $0.instances.first?.frameOfReferenceUID ?? "" })
    // Orientations are compared with that of the largest volume.
    let largest = all.indices.max { (all[$0].size.slices, $1) < (all[$1].size.slices, $0) } ?? 0
    func orientation(_ s: Series) -> ImageOrientation? {
      s.frames.first.flatMap { s.instances[$0.instance].orientation(frame: $0.frame) }
    }
    var known = OrientationIndex(), orientations = 0
    for s in all {
      guard let o = orientation(s), known.first(closeTo: o) == nil else { continue }
      known.add(o, orientations)
      orientations += 1
    }
    let isTime = all.allSatisfy(\.isTimePoint)
    let reference = orientation(all[largest])?.normal
    let sizes = Set(all.map { "\($0.size.columns) × \($0.size.rows)" })
    for i in all.indices {
      all[i].volume = i + 1
      all[i].volumes = all.count
      all[i].isTimePoint = isTime
      all[i].notes.append(GeometryFinding(.severalVolumes, found: Double(i + 1), expected: Double(all.count)))
      if orientations > 1, let o = orientation(all[i]), let reference {
        let cosine = min(abs(dot(o.normal, reference)), 1)
        all[i].notes.append(
          GeometryFinding(.mixedOrientations, found: acos(cosine) * 180 / .pi, expected: Double(orientations)))
      }
      if frames.count > 1 {
        all[i].notes.append(GeometryFinding(.frameOfReferenceVaries, expected: Double(frames.count)))
      }
      var words = all[i].label.isEmpty ? [] : [all[i].label]
      if orientations > 1 && !all[i].plane.isEmpty { words.append(all[i].plane) }
      if sizes.count > 1 { words.append("\(all[i].size.columns) × \(all[i].size.rows)") }
      if frames.count > 1, let uid = all[i].instances.first?.frameOfReferenceUID {
        words.append("frame of reference \((frames.sorted().firstIndex(of: uid) ?? 0) + 1)")
      }
      all[i].label = words.isEmpty ? "volume \(i + 1) of \(all.count)" : words.joined(separator: ", ")
    }
  }
}

extension [InstanceHeader] {
  /// Those at places that rise; itself where these are all, for headers are large.
  fileprivate func only(_ places: [Int]) -> [InstanceHeader] {
    places.count == count ? self : places.map { self[$0] }
  }
}

extension [Int] {
  /// Each number once, in the order in which they first come.
  fileprivate var uniqued: [Int] {
    var seen = Set<Int>()
    return filter { seen.insert($0).inserted }
  }
}

extension [String] {
  fileprivate var uniqued: [String] {
    var seen = Set<String>()
    return filter { seen.insert($0).inserted }
  }
}

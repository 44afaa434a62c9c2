// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Divides frames of one size into volumes: by orientation, then, where several lie at the same position, by what they
/// measure, then by time. What cannot be told apart stays together and shows as duplicate positions.
struct VolumeSplit {
  /// One frame to be placed.
  private struct Frame {
    let pick: Series.Pick
    let along: Double
    let dimension: FrameDimension
    let number: Int
  }

  /// Frames of one volume with the words that tell it from its siblings.
  struct Part {
    var picks: [Series.Pick]
    var labels: [String] = []
    /// Whether every word is about time.
    var isTime = true
    var isLocalizer = false
    var orientation: ImageOrientation?
  }

  private let instances: [InstanceHeader]

  /// The volumes, in the order of their first frames; time points in the order of time.
  static func parts(_ instances: [InstanceHeader]) -> [Part] {
    VolumeSplit(instances: instances).parts()
  }

  private init(instances: [InstanceHeader]) { self.instances = instances }

  private func parts() -> [Part] {
    // Localizers, frames without a place, and every orientation are apart from the beginning.
    var groups: [Part] = [], unplaced: [Bool: Int] = [:], placed: [Bool: OrientationIndex] = [:]
    func group(_ isLocalizer: Bool, _ orientation: ImageOrientation?) -> Int {
      let known =
        orientation.map { placed[isLocalizer, default: OrientationIndex()].first(closeTo: $0) }
        ?? unplaced[isLocalizer]
      if let known { return known }
      groups.append(Part(picks: [], isLocalizer: isLocalizer, orientation: orientation))
      if let orientation {
        placed[isLocalizer, default: OrientationIndex()].add(orientation, groups.count - 1)
      } else {
        unplaced[isLocalizer] = groups.count - 1
      }
      return groups.count - 1
    }
    for (i, header) in instances.enumerated() {
      // Without lists of their own all frames are alike, however many the header claims.
      let isUniform =
        header.framePositions.isEmpty && header.frameOrientations.isEmpty && header.frameDimensions.isEmpty
      for frame in 0..<(isUniform ? 1 : header.frames) {
        let orientation = header.position(frame: frame) == nil ? nil : header.orientation(frame: frame)
        let found = group(header.dimension(frame: frame).isLocalizer, orientation)
        let alike = isUniform ? 0..<header.frames : frame..<frame + 1
        groups[found].picks += alike.map { Series.Pick(instance: i, frame: $0) }
      }
    }
    return groups.flatMap { divided($0) }
  }

  private func divided(_ part: Part) -> [Part] {
    guard let orientation = part.orientation, part.picks.count > 1 else { return [part] }
    let normal = orientation.normal
    let frames = part.picks.map { pick in
      let header = instances[pick.instance]
      return Frame(
        pick: pick, along: header.position(frame: pick.frame).map { dot($0, normal) } ?? 0,
        dimension: header.dimension(frame: pick.frame), number: header.instanceNumber ?? .max)
    }
    return divided(frames.sorted { ($0.along, $0.number, $0.pick.frame) < ($1.along, $1.number, $1.pick.frame) }, part)
  }

  private func divided(_ frames: [Frame], _ part: Part) -> [Part] {
    var part = part
    part.picks = frames.map(\.pick)
    let clusters = clusters(frames), most = clusters.map(\.count).max() ?? 1
    if most == 1 { return regular(frames, part) }
    for axis in Axis.allCases where axis.separates(clusters.map { c in c.map { frames[$0].dimension } }, most) {
      return parts(of: frames, by: axis, part)
    }
    // Nothing tells them apart but their order; that is trusted only when every position has the same number.
    guard clusters.allSatisfy({ $0.count == most }) else { return [part] }
    let isTimed = clusters.allSatisfy { c in Set(c.map { frames[$0].dimension.time }).count == c.count }
    let ranked = clusters.map { c in
      c.sorted { a, b in
        let (x, y) = (frames[a], frames[b])
        return (x.dimension.time ?? 0, x.number, x.pick.instance, x.pick.frame)
          < (y.dimension.time ?? 0, y.number, y.pick.instance, y.pick.frame)
      }
    }
    return (0..<most).map { k in
      var own = part
      own.picks = ranked.map { frames[$0[k]].pick }
      own.labels.append("\(isTimed ? "time" : "image") \(k + 1) of \(most)")
      own.isTime = own.isTime && isTimed
      return own
    }
  }

  /// One volume, unless stacks or acquisitions of three and more slices are regular for themselves but not together.
  private func regular(_ frames: [Frame], _ part: Part) -> [Part] {
    guard let orientation = part.orientation, hasErrors(frames, orientation) else { return [part] }
    for axis in [Axis.stack, .acquisition] {
      let values = Dictionary(grouping: frames) { axis.value($0.dimension) }
      guard values.count > 1, values.count <= frames.count / 3 else { continue }
      let isClean = values.values.allSatisfy { own in own.count > 2 && !hasErrors(own, orientation) }
      if isClean { return parts(of: frames, by: axis, part, isTime: false) }
    }
    return [part]
  }

  private func hasErrors(_ frames: [Frame], _ orientation: ImageOrientation) -> Bool {
    let positions = frames.compactMap { instances[$0.pick.instance].position(frame: $0.pick.frame) }
    return SliceStack(positions, orientation, nominal: nominal(frames)).findings.contains(where: \.isError)
  }

  private func parts(of frames: [Frame], by axis: Axis, _ part: Part, isTime: Bool? = nil) -> [Part] {
    let own = Dictionary(grouping: frames) { axis.value($0.dimension) }, values = own.keys.sorted()
    return values.enumerated().flatMap { k, value in
      var named = part
      let label =
        isTime == false && axis == .acquisition
        ? "acquisition \(value.text)" : axis.label(value, k, values)
      named.labels.append(label)
      named.isTime = named.isTime && (isTime ?? axis.isTime)
      return divided(own[value] ?? [], named)
    }
  }

  private func nominal(_ frames: [Frame]) -> Double {
    frames.first.map { instances[$0.pick.instance].nominalSpacing } ?? 1
  }

  /// Frames at the same position, in the order of positions.
  private func clusters(_ frames: [Frame]) -> [[Int]] {
    var clusters: [[Int]] = []
    let reach = min(0.01, 0.05 * nominal(frames))
    for i in frames.indices {
      if let start = clusters.last?.first, frames[i].along - frames[start].along <= reach {
        clusters[clusters.count - 1].append(i)
      } else {
        clusters.append([i])
      }
    }
    return clusters
  }
}

/// What may tell frames at the same position apart, in the order in which it is tried.
private enum Axis: CaseIterable {
  case stack, imageType, echo, bValue, temporalPosition, acquisition, triggerTime

  /// A value of an axis, in its order; absent ones come first.
  struct Value: Hashable, Comparable {
    var number = -Double.infinity
    var text = ""
    static func < (a: Value, b: Value) -> Bool { (a.number, a.text) < (b.number, b.text) }
  }

  func value(_ d: FrameDimension) -> Value {
    func number(_ n: Double?) -> Value {
      n.map { n in Value(number: n, text: n == n.rounded() && abs(n) < 1e15 ? "\(Int(n))" : "\(n)") } ?? Value()
    }
    switch self {
    case .stack: return Value(text: d.stack)
    case .imageType: return Value(text: d.imageType)
    case .echo: return number(d.echoNumber.map(Double.init) ?? d.echoTime)
    case .bValue: return number(d.bValue)
    case .temporalPosition: return number(d.temporalPosition.map(Double.init))
    case .acquisition: return number(d.acquisitionNumber.map(Double.init))
    case .triggerTime: return number(d.triggerTime)
    }
  }

  var isTime: Bool { self == .temporalPosition || self == .acquisition || self == .triggerTime }

  /// Whether it differs at the same position, in no more values than frames lie there.
  func separates(_ clusters: [[FrameDimension]], _ most: Int) -> Bool {
    let values = Set(clusters.joined().map { value($0) })
    return values.count > 1 && values.count <= most && clusters.contains { c in Set(c.map { value($0) }).count > 1 }
  }

  func label(_ value: Value, _ k: Int, _ values: [Value]) -> String {
    switch self {
    case .stack: return "stack \(value.text)"
    case .echo: return "echo \(k + 1) of \(values.count)"
    case .bValue: return value.text.isEmpty ? "b unknown" : "b = \(value.text)"
    case .temporalPosition, .acquisition, .triggerTime: return "time \(k + 1) of \(values.count)"
    case .imageType:
      // The words of the type that not every one has.
      let all = values.map { Set($0.text.split(separator: "\\")) }
      let common = all.dropFirst().reduce(all.first ?? []) { $0.intersection($1) }
      let own = value.text.split(separator: "\\").filter { !common.contains($0) }
      return own.isEmpty ? "type \(k + 1) of \(values.count)" : "type \(own.joined(separator: "/"))"
    }
  }
}

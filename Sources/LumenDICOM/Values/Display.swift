// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore

/// How the values of an image are meant to be shown on a screen: windows, tables, and whether white is low.
///
/// - Source: PS3.3 C.11.2.1 (VOI LUT), C.7.6.3.1.2 (MONOCHROME1), C.11.6 (Presentation LUT Shape).
public struct DisplaySettings: Sendable, Equatable {
  /// How a window makes grey of a value.
  public enum Function: String, Sendable, CaseIterable {
    /// A ramp from c − 0.5 − (w − 1) / 2 to c − 0.5 + (w − 1) / 2.
    case linear = "LINEAR"
    /// A ramp from c − w / 2 to c + w / 2.
    case linearExact = "LINEAR_EXACT"
    /// 1 / (1 + exp(−4 (x − c) / w)).
    case sigmoid = "SIGMOID"
  }

  /// A range of values that fills the screen's greys.
  public struct Window: Sendable, Equatable {
    /// Window Center & Width Explanation.
    public var name: String
    /// Window Center.
    public var center: Double
    /// Window Width, positive.
    public var width: Double
    /// How grey is made of a value.
    public var function: Function

    /// A window.
    public init(center: Double, width: Double, function: Function = .linear, name: String = "") {
      self.name = name
      self.center = center
      self.width = width
      self.function = function
    }

    /// Grey of a value, from 0 to 1. A linear window of width below 1 is taken for an exact one.
    public func grey(_ x: Double) -> Double {
      switch function {
      case .linear where width >= 1:
        let half = (width - 1) / 2
        if x <= center - 0.5 - half { return 0 }
        if x > center - 0.5 + half { return 1 }
        return (x - (center - 0.5)) / (width - 1) + 0.5
      case .linear, .linearExact: return min(max((x - center) / width + 0.5, 0), 1)
      case .sigmoid: return 1 / (1 + exp(-4 * (x - center) / width))
      }
    }
  }

  /// Which of the settings is used.
  public enum Choice: Sendable, Equatable {
    /// The first table, else the first window, else the range of the values.
    case automatic
    /// A window of the file, from 0.
    case window(Int)
    /// A VOI LUT of the file, from 0.
    case table(Int)
    /// A window of the caller's.
    case custom(Window)
    /// From the smallest to the largest value.
    case range
  }

  /// Windows of the file, in its order.
  public var windows: [Window] = []
  /// Explanations of the VOI LUTs of the file.
  public var tables: [String] = []
  /// Whether small values are shown white.
  public var isInverted = false
  private var entries: [ValueTable] = []

  /// No windows, black is low.
  public init() {}

  init(_ set: DataSet, _ header: InstanceHeader) {
    let groups: [Tag] = [.sharedFunctionalGroupsSequence, .perFrameFunctionalGroupsSequence]
    let frame = groups.lazy.compactMap { set.first($0)?.first(.frameVOILUTSequence) }.first
    for item in [set, frame].compactMap({ $0 }) {
      let function = Function(rawValue: item.text(.voiLUTFunction)) ?? .linear
      let centers = item.numbers(.windowCenter) ?? [], widths = item.numbers(.windowWidth) ?? []
      let names = item.localText(.windowCenterWidthExplanation)
        .split(separator: "\\", omittingEmptySubsequences: false)
      for (i, (center, width)) in zip(centers, widths).enumerated() where width > 0 {
        let name = i < names.count ? String(names[i].trimmingSpaces) : ""
        windows.append(Window(center: center, width: width, function: function, name: name))
      }
    }
    // The first value mapped is signed where modality values may be.
    let isSigned = header.isSigned || header.rescaleIntercept < 0
    var item = set.first(.voiLUTSequence)
    while let own = item, entries.count < 64 {
      if let table = try? ValueTable(own, isSigned: isSigned, "VOI LUT") {
        entries.append(table)
        tables.append(own.localText(.lutExplanation))
      }
      item = set.next(.voiLUTSequence, after: own)
    }
    isInverted = header.photometricInterpretation == "MONOCHROME1" || set.text(.presentationLUTShape) == "INVERSE"
  }

  /// Modality values as 8-bit grey, 0 black, rounded to nearest.
  ///
  /// - Throws: `invalidParameter` for a window or table that is not there.
  /// - Source: PS3.3 C.11.2.1.2; oracle pydicom `apply_voi`, `apply_windowing`.
  public func grey(_ values: AnyVolume, _ choice: Choice = .automatic) throws(ImageError) -> Volume<UInt8> {
    values.accept(Greys(transform: try transform(choice, values), isInverted: isInverted))
  }

  private func transform(_ choice: Choice, _ values: AnyVolume) throws(ImageError) -> Transform {
    switch choice {
    case .automatic:
      if let first = entries.first { return .table(first, Self.top(first)) }
      if let first = windows.first { return .window(first) }
      return try transform(.range, values)
    case .window(let i):
      guard windows.indices.contains(i) else {
        throw ImageError(.invalidParameter, "window \(i + 1) is asked for, the file has \(windows.count)")
      }
      return .window(windows[i])
    case .table(let i):
      guard entries.indices.contains(i) else {
        throw ImageError(.invalidParameter, "VOI LUT \(i + 1) is asked for, the file has \(entries.count)")
      }
      return .table(entries[i], Self.top(entries[i]))
    case .custom(let window):
      guard window.width > 0, window.width.isFinite, window.center.isFinite else {
        throw ImageError(.invalidParameter, "the window is \(window.width) wide, expected a positive number")
      }
      return .window(window)
    case .range:
      let range = values.valueRange, width = range.maximum - range.minimum
      guard width > 0 else { return .window(Window(center: range.maximum, width: 1)) }
      return .window(
        Window(center: range.minimum + width / 2, width: width, function: .linearExact))
    }
  }

  /// White: the largest number of as many bits as an entry has.
  private static func top(_ table: ValueTable) -> Double { exp2(Double(table.bits)) - 1 }

  fileprivate enum Transform: Sendable {
    case window(Window), table(ValueTable, Double)
    func grey(_ x: Double) -> Double {
      switch self {
      case .window(let window): window.grey(x)
      case .table(let table, let top): table.value(x) / top
      }
    }
  }
}

extension DICOMFile {
  /// How a file wants to be shown; of enhanced multi-frame objects as their first frame does.
  ///
  /// - Throws: as ``header(_:limits:)``.
  public static func display(_ path: String, limits: Limits = .standard) throws(ImageError) -> DisplaySettings {
    let handle = try open(path, limits)
    do throws(ImageError) {
      return DisplaySettings(try handle.dataSet, try InstanceHeader(handle, path: path, limits: limits))
    } catch { throw error.at(path) }
  }
}

private struct Greys: AnyVolume.Visitor {
  typealias Failure = Never
  let transform: DisplaySettings.Transform
  let isInverted: Bool

  private func byte(_ x: Double) -> UInt8 {
    let y = transform.grey(x)
    let grey = y.isNaN ? 0 : (min(max(y, 0), 1) * 255 + 0.5).rounded(.down)
    return UInt8(isInverted ? 255 - grey : grey)
  }

  func visit<Element: Voxel>(_ volume: Volume<Element>) -> Volume<UInt8> {
    switch Element.kind {
    case .uint16, .int16:
      // Every value once, then a table.
      let low = Element.kind == .int16 ? -32_768 : 0
      let table = (0..<65_536).map { byte(Double($0 + low)) }
      return volume.map { table[Int($0.doubleValue) - low] }
    default: return volume.map { byte($0.doubleValue) }
    }
  }
}

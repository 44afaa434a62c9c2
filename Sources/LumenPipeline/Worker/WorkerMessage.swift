// SPDX-License-Identifier: Apache-2.0
import LumenCore
import LumenDICOM
import LumenFormats

/// What a worker is asked to do.
enum WorkerRequest: Codable {
  /// The header of each file, one reply a file, in this order.
  case headers([String], WorkerTerms)
  /// The image of a series or of a file of another format; one reply.
  case image(WorkerImage, ReadingRules, WorkerTerms)
  /// What regions a file holds; one reply.
  case regions(String, WorkerTerms)
  /// One of them on a grid (its kind means nothing); one reply.
  case region(String, RegionSource.Region, VoxelBlock, RegionSource.Placing, WorkerTerms)
  /// Whether the worker's walls stand; one reply.
  case selfTest
}

/// What a request may take.
struct WorkerTerms: Codable {
  var limits: Limits
  var threads: Int
  /// Time that an answer may take.
  var seconds: Double
}

/// Where the voxels of a case are.
struct WorkerImage: Codable {
  var path: String
  var series: Series?
  var format: String?

  init(_ image: ImageSource) {
    path = image.path
    switch image.content {
    case .series(let series): self.series = series
    case .file(let format): self.format = format.rawValue
    }
  }

  var source: ImageSource? {
    if let series { return ImageSource(key: "", path: path, source: "", content: .series(series)) }
    guard let format = format.flatMap(ImageFormat.init(rawValue:)) else { return nil }
    return ImageSource(key: "", path: path, source: "", content: .file(format))
  }
}

/// What a worker says.
enum WorkerReply: Codable {
  /// First, before it is asked anything: its version, and whether the kernel keeps it in.
  case ready(version: String, sandbox: Bool)
  case header(InstanceHeader)
  /// Voxels that now lie in the shared memory, from its beginning, and what was noticed about them.
  case voxels(VoxelBlock, notes: [String])
  case regions(RegionSource.Listing)
  case failed(ImageError)
  case selfTest(WorkerSelfTest)
}

/// Kind, size and place of voxels in shared memory, as the worker claims them.
struct VoxelBlock: Codable {
  var kind: String
  var size: [Int]
  var spacing, origin: SIMD3<Double>
  var direction: [SIMD3<Double>]

  init(_ kind: VoxelKind, _ geometry: Geometry) {
    self.kind = kind.rawValue
    size = [geometry.size.columns, geometry.size.rows, geometry.size.slices]
    spacing = geometry.spacing
    origin = geometry.origin
    direction = [geometry.direction.x, geometry.direction.y, geometry.direction.z]
  }

  /// The claims, once they are possible ones.
  ///
  /// - Throws: `malformed` for what no decoder gives, `limitExceeded` for more than the limits allow.
  func checked(_ limits: Limits) throws(ImageError) -> (kind: VoxelKind, geometry: Geometry, bytes: Int) {
    guard let kind = VoxelKind(rawValue: kind), size.count == 3, direction.count == 3,
      (direction + [spacing, origin]).allSatisfy({ $0.x.isFinite && $0.y.isFinite && $0.z.isFinite }),
      spacing.min() > 0
    else { throw ImageError.worker("described an image that cannot be") }
    let bytes = try limits.checkedBytes(columns: size[0], rows: size[1], slices: size[2], bytesPerVoxel: kind.bytes)
    let geometry = Geometry(
      size: Size(columns: size[0], rows: size[1], slices: size[2]), spacing: spacing, origin: origin,
      direction: Direction(x: direction[0], y: direction[1], z: direction[2]))
    return (kind, geometry, bytes)
  }
}

/// Which walls stand around a worker; each claim was tried from inside.
public struct WorkerSelfTest: Sendable, Equatable, Codable {
  /// Whether the kernel filters the worker's system calls.
  public var sandbox = false
  /// Whether its address space, file size, descriptors and core dumps are limited.
  public var limits = false
  /// Whether loops still run on several threads inside.
  public var threads = false
  /// What the worker could not do, by name: "write", "socket", "exec", "fork", "signal", "trace", "unlink", "io_uring".
  public var refused: [String] = []
  /// What it could do although it should not.
  public var allowed: [String] = []

  /// Whether every wall stands.
  public var isWhole: Bool { sandbox && limits && threads && allowed.isEmpty }
}

extension ImageError {
  /// A fault of the worker itself, not of what it read.
  static func worker(_ what: String) -> ImageError {
    ImageError(.malformed, "the decoder \(what)", hint: "the file is probably damaged or hostile")
  }

  /// The same with texts that are data: short, on one line.
  var bounded: ImageError {
    ImageError(kind, what.bounded, place: place.map(\.bounded), hint: hint.map(\.bounded))
  }
}

extension String {
  /// At most 4096 characters without controls.
  var bounded: String {
    let line = unicodeScalars.prefix(4096).map { $0.properties.generalCategory == .control ? " " : $0 }
    return String(String.UnicodeScalarView(line))
  }
}

extension InstanceHeader {
  /// The header under the name that was asked for, once its numbers are possible ones.
  ///
  /// - Throws: `malformed` for numbers that no file can hold.
  func checked(path: String, _ limits: Limits) throws(ImageError) -> InstanceHeader {
    let counts = [columns, rows, samplesPerPixel, bitsAllocated, bitsStored]
    guard counts.allSatisfy({ (0...65_535).contains($0) }), frames >= 1, frames <= limits.frames,
      max(framePositions.count, frameRescale.count) <= frames
    else { throw ImageError.worker("described an instance that cannot be") }
    var copy = self
    copy.path = path
    return copy
  }
}

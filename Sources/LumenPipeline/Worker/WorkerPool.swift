// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore
public import LumenDICOM
import Synchronization

/// How workers are started and what they may take.
public struct WorkerSettings: Sendable {
  /// The command that holds `decode-worker`: this one, or the one that the variable LUMEN_EXECUTABLE names.
  public var executable: String
  /// Memory that decoding may take in one worker, bytes; half of the machine's, at least 2 GiB, unless set.
  public var memory: Int
  /// Time that one answer may take, seconds; a second more for every 2 MiB of input.
  public var seconds = 60.0
  /// What an input may ask for.
  public var limits = Limits.standard

  /// The defaults.
  public init() {
    executable = getenv("LUMEN_EXECUTABLE").map { String(cString: $0) } ?? "/proc/self/exe"
    let pages = sysconf(Int32(_SC_PHYS_PAGES)), page = sysconf(Int32(_SC_PAGESIZE))
    memory = max(2 << 30, pages > 0 && page > 0 ? pages / 2 * page : 0)
  }

  var arguments: [String] {
    ["lumen", "decode-worker", "--memory", "\(memory)", "--output", "\(max(limits.decodedBytes, VoxelMemory.kept))"]
  }

  /// Nothing of the caller's environment but what finds libraries and the DICOM dictionary.
  var environment: [String] {
    var result = ["LANG=C.UTF-8", "MALLOC_ARENA_MAX=4", "SWIFT_BACKTRACE=enable=no"]
    for name in ["LD_LIBRARY_PATH", "DCMDICTPATH"] {
      if let value = getenv(name) { result.append("\(name)=\(String(cString: value))") }
    }
    return result
  }
}

/// Processes that parse and decode untrusted files, so that a crash, a hang or a bomb costs one file and becomes an error.
///
/// Workers are started when they are needed, used again, and replaced when they die; there are never more than callers at
/// a time. Their answers are checked before anything is allocated or believed.
///
/// - Accuracy: the same bits as in-process decoding.
/// - Source: decision "Untrusted bytes are decoded in another process".
public final class WorkerPool: Sendable {
  private let settings: WorkerSettings
  private let idle = Mutex<[WorkerProcess]>([])

  /// A pool without workers yet.
  public init(_ settings: WorkerSettings = WorkerSettings()) { self.settings = settings }

  /// Starts workers ahead of their first use, without waiting for them.
  public func start(_ count: Int) throws(ImageError) {
    for _ in 0..<count {
      let worker = try WorkerProcess(settings)
      idle.withLock { $0.append(worker) }
    }
  }

  /// Process ids of the workers that wait for work.
  public var idleProcesses: [Int32] { idle.withLock { $0.map(\.pid) } }

  /// Ends all but so many of the waiting workers.
  public func trim(to count: Int) {
    let ended = idle.withLock { workers in
      let rest = Array(workers.dropFirst(count))
      workers = Array(workers.prefix(count))
      return rest
    }
    for worker in ended { worker.end() }
  }

  /// Reads the headers of files; parallel over files. A file that ends its worker is one failure among the results.
  ///
  /// - Returns: each path with its header or the reason why it can be part of no series, in the order given.
  /// - Throws: `io` when no worker can be started.
  public func headers(_ paths: [String]) throws(ImageError) -> [(String, Result<InstanceHeader, ImageError>)] {
    let chunk = max(1, min(64, paths.count / (2 * Parallel.width)))
    let failure = Mutex<ImageError?>(nil)
    let chunks = (paths.count + chunk - 1) / chunk
    let results = Mutex<[[Result<InstanceHeader, ImageError>]]>(Array(repeating: [], count: chunks))
    parallelFor(chunks) { range in
      for n in range {
        do throws(ImageError) {
          let part = try chunkHeaders(paths[n * chunk..<min(paths.count, (n + 1) * chunk)])
          results.withLock { $0[n] = part }
        } catch { failure.withLock { if $0 == nil { $0 = error } } }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return zip(paths, results.withLock { $0.joined() }).map { ($0, $1) }
  }

  /// The replies come file by file: the file without one is the file that ended the worker, the rest goes to another.
  private func chunkHeaders(_ paths: ArraySlice<String>) throws(ImageError) -> [Result<InstanceHeader, ImageError>] {
    var results: [Result<InstanceHeader, ImageError>] = []
    while results.count < paths.count {
      let rest = Array(paths.dropFirst(results.count))
      try borrow { worker throws(ImageError) in
        for path in rest {
          do throws(ImageError) {
            if path == rest[0] { try worker.send(.headers(rest, terms(settings.seconds)), seconds: settings.seconds) }
            switch try worker.receive(seconds: settings.seconds) {
            case .header(let header): results.append(.success(try header.checked(path: path, settings.limits)))
            case .failed(let error): results.append(.failure(error))
            default: throw worker.strayReply()
            }
          } catch {
            if error.kind == .io { throw error }
            worker.end()
            results.append(.failure(error.at(path)))
            return
          }
        }
      }
    }
    return results
  }

  /// Reads an image as ``ImageSource/read(_:limits:)`` does, in a worker.
  ///
  /// - Throws: what reading throws; `limitExceeded` when it took too long or too much memory; `malformed` when the
  ///   decoder crashed; `io` when no worker can be started.
  public func read(_ image: ImageSource, _ rules: ReadingRules) throws(ImageError) -> (AnyVolume, [String]) {
    var paths = [image.path]
    if case .series(let series) = image.content { paths = series.instances.map(\.path) }
    let seconds = deadline(paths)
    return try voxels(.image(WorkerImage(image), rules, terms(seconds)), seconds, place: image.path)
  }

  /// What regions a file holds.
  ///
  /// - Throws: as ``read(_:geometry:colour:)``; `invalidParameter` for values that are no labels.
  public func regions(_ path: String) throws(ImageError) -> RegionSource.Listing {
    let seconds = deadline([path])
    return try ask(.regions(path, terms(seconds)), seconds, place: path) { worker, reply throws(ImageError) in
      guard case .regions(let listing) = reply else { throw worker.strayReply() }
      return listing.bounded
    }
  }

  /// A region of a file on the grid of an image, and what was irregular when it was drawn.
  ///
  /// - Throws: as ``RegionSource/mask(_:on:_:)`` and ``read(_:geometry:colour:)``.
  public func mask(
    _ region: RegionSource.Region, of path: String, on image: Geometry,
    _ placing: RegionSource.Placing = RegionSource.Placing()
  ) throws(ImageError) -> (mask: Mask, notes: [String]) {
    let seconds = deadline([path])
    let (voxels, notes) = try voxels(
      .region(path, region, VoxelBlock(.uint8, image), placing, terms(seconds)), seconds, place: path)
    guard case .u8(let inside) = voxels, voxels.size == image.size else {
      throw ImageError.worker("gave a mask of another kind or size").at(path)
    }
    return (Mask(inside.with(image)), notes)
  }

  /// Which walls stand around a worker, tried from inside.
  ///
  /// - Throws: `io` when no worker can be started.
  public func selfTest() throws(ImageError) -> WorkerSelfTest {
    try borrow { worker throws(ImageError) in
      try worker.send(.selfTest, seconds: settings.seconds)
      guard case .selfTest(let result) = try worker.receive(seconds: settings.seconds) else {
        throw worker.strayReply()
      }
      return result
    }
  }

  private func voxels(_ request: WorkerRequest, _ seconds: Double, place: String) throws(ImageError)
    -> (AnyVolume, [String])
  {
    try ask(request, seconds, place: place) { worker, reply throws(ImageError) in
      guard case .voxels(let block, let notes) = reply else { throw worker.strayReply() }
      return (try worker.voxels(block), notes.map(\.bounded))
    }
  }

  /// What a worker makes of a request; `take` gets every reply that is no failure.
  private func ask<R>(
    _ request: WorkerRequest, _ seconds: Double, place: String,
    take: (WorkerProcess, WorkerReply) throws(ImageError) -> R
  ) throws(ImageError) -> R {
    try borrow { worker throws(ImageError) in
      let reply: WorkerReply
      do throws(ImageError) {
        try worker.send(request, seconds: seconds)
        reply = try worker.receive(seconds: seconds)
      } catch { throw error.kind == .io ? error : error.at(place) }
      if case .failed(let error) = reply { throw error }
      do throws(ImageError) { return try take(worker, reply) } catch { throw error.at(place) }
    }
  }

  /// A waiting worker or a new one; it waits again afterwards unless it died.
  private func borrow<R>(_ body: (WorkerProcess) throws(ImageError) -> R) throws(ImageError) -> R {
    var waiting = idle.withLock { $0.popLast() }
    while let found = waiting, !found.isReady { waiting = idle.withLock { $0.popLast() } }
    let worker: WorkerProcess
    if let waiting { worker = waiting } else { worker = try WorkerProcess(settings) }
    defer { if worker.isReady { idle.withLock { $0.append(worker) } } }
    return try body(worker)
  }

  private func terms(_ seconds: Double) -> WorkerTerms {
    var limits = settings.limits
    limits.decodedBytes = min(limits.decodedBytes, settings.memory)
    return WorkerTerms(limits: limits, threads: Parallel.width, seconds: seconds)
  }

  private func deadline(_ paths: [String]) -> Double {
    let bytes = paths.reduce(0) { sum, path in
      var info = stat()
      return sum + (stat(path, &info) == 0 ? Int(info.st_size) : 0)
    }
    return settings.seconds + Double(bytes >> 21)
  }
}

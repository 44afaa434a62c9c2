// SPDX-License-Identifier: Apache-2.0
import CSandbox
import Foundation
public import LumenCore
import LumenDICOM
import LumenFormats
import Synchronization

/// The inside of a worker: it locks itself in, then answers requests until the other side hangs up.
public enum WorkerService {
  /// Serves the socket that ``WorkerPool`` gave this process, and ends it.
  ///
  /// - Parameters:
  ///   - memory: address space that decoding may take beyond that of the program, bytes.
  ///   - output: most bytes of voxels it may hand back.
  /// - Throws: `invalidParameter` when this process was not started by a pool.
  public static func run(memory: Int, output: Int) throws(ImageError) -> Never {
    var info = stat()
    guard fstat(socket, &info) == 0, info.st_mode & S_IFMT == S_IFSOCK, fstat(memoryFile, &info) == 0
    else { throw ImageError(.invalidParameter, "decode-worker is started by other commands, not by hand") }
    _ = csandbox_private()
    preferForKilling()
    limit(memory: memory, output: output)
    let sandbox = csandbox_enter(memoryFile) == 0
    endWithParent()
    reply(.ready(version: Software.version, sandbox: sandbox))
    while true {
      guard let body = try? WorkerChannel.receive(socket, longest: WorkerChannel.longestRequest, nil),
        let request = try? WorkerChannel.decode(WorkerRequest.self, body)
      else { exit(0) }
      answer(request, sandbox)
    }
  }

  private static let socket = Int32(CSANDBOX_SOCKET)
  private static let memoryFile = Int32(CSANDBOX_MEMORY)

  private static func answer(_ request: WorkerRequest, _ sandbox: Bool) {
    switch request {
    case .headers(let paths, let terms):
      for path in paths {
        allow(terms)
        do throws(ImageError) {
          reply(.header(try DICOMFile.header(path, limits: terms.limits)))
        } catch { reply(.failed(error)) }
      }
    case .image(let image, let rules, let terms):
      allow(terms)
      handBack { () throws(ImageError) in
        guard let source = image.source else {
          throw ImageError(.invalidParameter, "the request names what this version does not know")
        }
        return try source.read(rules, limits: terms.limits)
      }
    case .regions(let path, let terms):
      allow(terms)
      do throws(ImageError) { reply(.regions(try regions(path, terms.limits).listing)) } catch { reply(.failed(error)) }
    case .region(let path, let region, let grid, let placing, let terms):
      allow(terms)
      handBack { () throws(ImageError) in
        let (mask, notes) = try regions(path, terms.limits).mask(
          region, on: try grid.checked(terms.limits).geometry, placing)
        return (.u8(mask.voxels), notes)
      }
    case .selfTest: reply(.selfTest(selfTest(sandbox)))
    }
  }

  /// The regions of a file; those of the last one stay open, because they are asked for one after another.
  private static func regions(_ path: String, _ limits: Limits) throws(ImageError) -> RegionSource {
    if let (known, source) = lastRegions.withLock({ $0 }), known == path { return source }
    let source = try RegionSource(contentsOf: path, limits: limits)
    lastRegions.withLock { $0 = (path, source) }
    return source
  }
  private static let lastRegions = Mutex<(String, RegionSource)?>(nil)

  private static func handBack(_ work: () throws(ImageError) -> (AnyVolume, [String])) {
    do throws(ImageError) {
      let (volume, notes) = try work()
      try VoxelMemory.write(volume, to: memoryFile)
      reply(.voxels(VoxelBlock(volume.kind, volume.geometry), notes: notes))
    } catch { reply(.failed(error)) }
  }

  private static func reply(_ message: WorkerReply) {
    do {
      let bytes: [UInt8]
      do { bytes = try WorkerChannel.encode(message, longest: WorkerChannel.longestReply) } catch {
        // An infinite number in a header or a geometry is of no use to anyone.
        bytes = try WorkerChannel.encode(
          WorkerReply.failed(ImageError(.malformed, "holds numbers that are not finite, or far too many")),
          longest: WorkerChannel.longestReply)
      }
      try WorkerChannel.send(bytes, socket, nil)
    } catch { exit(0) }
  }

  /// When memory runs out, a worker goes before the batch that can replace it.
  private static func preferForKilling() {
    let fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
    guard fd >= 0 else { return }
    _ = write(fd, "1000", 4)
    close(fd)
  }

  private static func limit(memory: Int, output: Int) {
    func set(_ resource: __rlimit_resource, _ value: Int) {
      let what = __rlimit_resource_t(resource.rawValue)
      var limit = rlimit()
      getrlimit(what, &limit)
      let wanted = min(rlim_t(max(0, value)), limit.rlim_max)
      limit = rlimit(rlim_cur: wanted, rlim_max: wanted)
      setrlimit(what, &limit)
    }
    // Beside what decoding takes: the program and its libraries, thread stacks, the reserve of the allocator's arenas.
    set(RLIMIT_AS, programSize() + memory + 512 << 20)
    set(RLIMIT_CORE, 0)
    set(RLIMIT_FSIZE, output)
    set(RLIMIT_NOFILE, 256)
  }

  /// Address space in use, bytes.
  private static func programSize() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return (text.split(separator: " ").first.flatMap { Int($0) } ?? 1 << 18) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// Threads and processor time until the next request; beyond that time the kernel ends this process.
  private static func allow(_ terms: WorkerTerms) {
    Parallel.width = terms.threads
    var used = rusage(), limit = rlimit()
    getrusage(RUSAGE_SELF.rawValue, &used)
    getrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limit)
    let until = Int(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (Int(terms.seconds) + 1) * max(1, terms.threads) + 1
    limit.rlim_cur = min(rlim_t(until), limit.rlim_max)
    setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limit)
  }

  /// Ends this process when the other end of the socket is gone, whatever it is doing. (The kernel's parent-death signal
  /// follows the thread that started the process, and threads of a queue come and go.)
  private static func endWithParent() {
    Thread.detachNewThread {
      var hangUp = pollfd(fd: socket, events: 0, revents: 0)
      while poll(&hangUp, 1, -1) <= 0 {}
      _exit(0)
    }
  }

  private static func selfTest(_ sandbox: Bool) -> WorkerSelfTest {
    var result = WorkerSelfTest()
    result.sandbox = sandbox
    let probes: [(String, csandbox_probe)] = [
      ("write", CSANDBOX_WRITE), ("socket", CSANDBOX_SOCKETS), ("exec", CSANDBOX_EXEC), ("fork", CSANDBOX_FORK),
      ("signal", CSANDBOX_SIGNAL), ("trace", CSANDBOX_TRACE), ("unlink", CSANDBOX_UNLINK), ("io_uring", CSANDBOX_RING),
    ]
    for (name, probe) in probes {
      if csandbox_try(probe) == 0 { result.allowed.append(name) } else { result.refused.append(name) }
    }
    result.limits = [RLIMIT_AS, RLIMIT_CORE, RLIMIT_FSIZE, RLIMIT_NOFILE].allSatisfy { what in
      var limit = rlimit()
      return getrlimit(__rlimit_resource_t(what.rawValue), &limit) == 0 && limit.rlim_max != rlim_t.max
    }
    Parallel.width = Parallel.processors
    result.threads =
      parallelReduce(1000, block: 1, 0) {
        $0.reduce(0, +)
      } combine: {
        $0 += $1
      } == 499_500
    return result
  }
}

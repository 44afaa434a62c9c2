// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import LumenDICOM
import LumenFormats
import Synchronization
import Testing

@testable import LumenPipeline

private let root = BatchTests.root
private let slice = root + "fixtures/cohort/case-01/IM0001.dcm"

private func pool(_ change: (inout WorkerSettings) -> Void = { _ in }) -> WorkerPool {
  var settings = WorkerSettings()
  settings.executable = BatchTests.command
  change(&settings)
  return WorkerPool(settings)
}

private func source(_ path: String) throws -> ImageSource {
  let discovery = try Discovery([path])
  return try #require(discovery.images.first)
}

/// Irregular geometry and colour are no reason to fail.
private let lenient = {
  var rules = ReadingRules()
  rules.geometry = .accept
  rules.colour = .luminance
  return rules
}()

/// What an image read to, or why it did not; without workers where `workers` is nil.
private func outcome(_ image: ImageSource, _ workers: WorkerPool?) -> Result<(AnyVolume, [String]), ImageError> {
  Result { () throws(ImageError) in try image.read(lenient, workers: workers) }
}

private func failure(_ work: () throws(ImageError) -> Void) -> ImageError? {
  do throws(ImageError) {
    try work()
    return nil
  } catch { return error }
}

@Suite("Workers · property: the same as in this process", .serialized)
struct WorkerEquality {
  private func compare(_ inputs: [String]) throws -> Int {
    let workers = pool()
    let here = try Discovery(inputs), there = try Discovery(inputs, workers: workers)
    #expect(here.images.map(\.id) == there.images.map(\.id))
    #expect(here.images.map(\.header) == there.images.map(\.header))
    #expect(here.others.map(\.path) == there.others.map(\.path))
    #expect(here.others.map(\.error) == there.others.map(\.error))
    for (a, b) in zip(here.images, there.images) {
      switch (outcome(a, nil), outcome(b, workers)) {
      case (.success(let x), .success(let y)):
        // NaN voxels differ from themselves, so bits are compared.
        #expect(x.0.geometry == y.0.geometry && x.0.kind == y.0.kind, "\(a.path)")
        #expect(bits(x.0) == bits(y.0), "\(a.path)")
        #expect(x.1 == y.1, "\(a.path)")
      case (.failure(let x), .failure(let y)): #expect(x == y, "\(a.path)")
      default: Issue.record("\(a.path) is read on one side only")
      }
    }
    return here.images.count
  }

  private func bits(_ volume: AnyVolume) -> [UInt8] { volume.accept(Bits()) }
  private struct Bits: AnyVolume.Visitor {
    typealias Failure = Never
    func visit<Element: Voxel>(_ volume: Volume<Element>) -> [UInt8] {
      volume.withVoxels { Array(UnsafeRawBufferPointer($0)) }
    }
  }

  @Test func fixtures() throws { #expect(try compare([root + "fixtures"]) >= 20) }

  @Test func referenceFiles() throws {
    let reference =
      ProcessInfo.processInfo.environment["LUMEN_REFERENCE"] ?? root + "../shared/reference"
    guard Files.isFolder("\(reference)/dicom/files") else {
      print("skipped: no reference files (set LUMEN_REFERENCE)")
      return
    }
    print("measured: \(try compare(["\(reference)/dicom/files", "\(reference)/dicom/series"])) reference images alike")
  }

  @Test func masks() throws {
    let folder = root + "fixtures/masks", workers = pool()
    for path in try Files.list([folder]) {
      let here = Result { () throws(ImageError) in try RegionSource(contentsOf: path) }
      let there = Result { () throws(ImageError) in try workers.regions(path) }
      switch (here, there) {
      case (.success(let x), .success(let y)):
        #expect(x.listing == y)
        let grid = try AnyVolume(contentsOf: path).geometry
        for region in y.regions {
          let drawn = try workers.mask(region, of: path, on: grid)
          #expect(try drawn.mask == x.mask(region, on: grid).mask)
        }
      case (.failure(let x), .failure(let y)): #expect(x == y)
      default: Issue.record("\(path) is read on one side only")
      }
    }
  }

  @Test func aWorkerIsUsedAgain() throws {
    let workers = pool()
    try workers.start(1)
    let before = workers.idleProcesses
    _ = try workers.regions(root + "fixtures/images/radiograph-grey8.png")
    _ = try workers.regions(root + "fixtures/images/radiograph-grey16.png")
    #expect(workers.idleProcesses == before)
    workers.trim(to: 0)
    #expect(workers.idleProcesses.isEmpty)
    #expect(before.allSatisfy { kill($0, 0) != 0 }, "an ended worker is gone")
  }
}

@Suite("Workers · malformed: crash, hang, bomb and lies", .serialized)
struct WorkerFaults {
  /// A stopped worker, the work that waits for it on another thread, and what is done to it meanwhile.
  private func whileStopped(
    _ workers: WorkerPool, _ signal: Int32?, _ work: @Sendable @escaping () throws(ImageError) -> Void
  ) throws -> ImageError? {
    try workers.start(1)
    _ = try workers.selfTest()
    let pid = try #require(workers.idleProcesses.last)
    #expect(kill(pid, SIGSTOP) == 0)
    let result = Mutex<ImageError?>(nil), done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      let error = failure(work)
      result.withLock { $0 = error }
      done.signal()
    }
    if let signal {
      usleep(100_000)
      kill(pid, signal)
      kill(pid, SIGCONT)
    }
    #expect(done.wait(timeout: .now() + 20) == .success)
    #expect(kill(pid, 0) != 0, "the worker is gone")
    return result.withLock { $0 }
  }

  @Test func aCrashIsAnErrorOfTheFile() throws {
    let workers = pool(), image = try source(slice)
    let error = try whileStopped(workers, SIGSEGV) { () throws(ImageError) in
      _ = try workers.read(image, lenient)
    }
    #expect(error?.kind == .malformed)
    #expect(error?.description.contains("crashed (signal 11)") == true)
    #expect(error?.place == slice)
    #expect(try workers.read(image, lenient).0.size.columns > 0, "the next request works")
  }

  @Test func aHangEndsAtTheDeadline() throws {
    let workers = pool { $0.seconds = 2 }, image = try source(slice)
    let start = ContinuousClock.now
    let error = try whileStopped(workers, nil) { () throws(ImageError) in
      _ = try workers.read(image, lenient)
    }
    #expect(ContinuousClock.now - start < .seconds(6))
    #expect(error?.kind == .limitExceeded)
    #expect(error?.what == "decoding took more than 2 s")
    #expect(try workers.read(image, lenient).0.size.columns > 0, "the next request works")
  }

  @Test func aFileThatKillsTheScanIsOneRow() throws {
    let workers = pool(), paths = try Files.list([root + "fixtures/cohort/case-01"])
    let results = Mutex<[(String, Result<InstanceHeader, ImageError>)]>([])
    let error = try whileStopped(workers, SIGKILL) { () throws(ImageError) in
      let headers = try workers.headers(paths)
      results.withLock { $0 = headers }
    }
    #expect(error == nil)
    let all = results.withLock { $0 }
    #expect(all.map(\.0) == paths)
    let failures = all.compactMap { if case .failure(let error) = $0.1 { error } else { nil } }
    #expect(failures.map(\.kind) == [.limitExceeded])
    #expect(failures.first?.description.contains("signal 9") == true)
  }

  @Test func moreMemoryThanAllowedIsAnError() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "lumen-\(UUID().uuidString).nii").path()
    defer { unlink(path) }
    // A NIfTI header and 3 GiB of a file without contents: read whole, it does not fit into 256 MiB.
    try Files.write(Files.read(root + "fixtures/malformed/lying-size.nii"), to: path)
    #expect(truncate(path, 3 << 30) == 0)
    let workers = pool { $0.memory = 256 << 20 }
    let error = failure { () throws(ImageError) in _ = try workers.regions(path) }
    #expect(error?.kind == .limitExceeded, "\(error?.description ?? "")")
    #expect(error?.place == path)
    #expect(
      try !workers.regions(root + "fixtures/images/radiograph-grey8.png").regions.isEmpty, "the next request works")
  }

  /// Programs in the worker's place that say what no worker says.
  @Test func liesAreErrors() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lumen-\(UUID().uuidString)").path()
    try Files.makeFolder(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func message(_ reply: WorkerReply) throws -> [UInt8] {
      try WorkerChannel.encode(reply, longest: WorkerChannel.longestReply)
    }
    let region = RegionSource.Region(number: 1, name: "", isNamed: false, layer: 0)
    var n = 0
    func liar(_ bytes: [UInt8], then end: String = "exec sleep 20") throws -> ImageError? {
      n += 1
      try Files.write(bytes, to: "\(folder)/words\(n)")
      try Files.write("#!/bin/sh\ncat '\(folder)/words\(n)' >&3\n\(end)\n", to: "\(folder)/liar\(n)")
      chmod("\(folder)/liar\(n)", 0o755)
      let workers = pool {
        $0.executable = "\(folder)/liar\(n)"
        $0.seconds = 3
      }
      let error = failure { () throws(ImageError) in
        _ = try workers.mask(region, of: slice, on: Geometry(size: Size(columns: 4, rows: 4)))
      }
      #expect(workers.idleProcesses.isEmpty, "a liar is not kept")
      return error
    }
    let hello = try message(.ready(version: Software.version, sandbox: true))
    func block(_ size: [Int]) -> WorkerReply {
      var block = VoxelBlock(.float64, Geometry(size: Size(columns: 1, rows: 1)))
      block.size = size
      return .voxels(block, notes: [])
    }
    let huge = [UInt8](repeating: 0xFF, count: 64)
    #expect(try liar(huge)?.kind == .io)
    #expect(try liar(message(.ready(version: "0.0.0", sandbox: true)))?.kind == .io)
    #expect(try liar([], then: "exit 1")?.kind == .io)
    #expect(try liar(hello + huge)?.kind == .malformed)
    #expect(try liar(hello + [4, 0, 0, 0, 1, 2, 3, 4])?.kind == .malformed)
    #expect(try liar(hello + message(block([100, 100, 100])))?.kind == .malformed)
    #expect(try liar(hello + message(block([65_000, 65_000, 65_000])))?.kind == .limitExceeded)
    #expect(try liar(hello + message(block([-1, 2, 3])))?.kind == .malformed)
    #expect(try liar(hello + message(.header(InstanceHeader())))?.kind == .malformed)
    #expect(try liar(hello + message(.selfTest(WorkerSelfTest())).dropLast(), then: "exit 3")?.kind == .malformed)
    #expect(try liar(hello + Array(message(block([2, 2, 2])).dropLast(9)), then: "kill -9 $$")?.kind == .limitExceeded)
    #expect(try liar(hello + [200, 0, 0, 0])?.what.hasPrefix("decoding took more than") == true)
  }

  @Test func aMissingProgramIsReported() {
    let workers = pool { $0.executable = "/no/such/program" }
    let error = failure { () throws(ImageError) in _ = try workers.headers([slice]) }
    #expect(error?.kind == .io)
    #expect(error?.hint?.contains("--in-process") == true)
  }
}

@Suite("Workers · property: the walls", .serialized)
struct WorkerWalls {
  @Test func everyWallStands() throws {
    let result = try pool().selfTest()
    #expect(result.limits && result.threads)
    guard result.sandbox else {
      print("skipped: this kernel does not filter system calls")
      return
    }
    #expect(result.allowed == [])
    #expect(result.refused == ["write", "socket", "exec", "fork", "signal", "trace", "unlink", "io_uring"])
  }

  /// A batch is killed while its workers are busy or waiting: none of them stays.
  @Test func workersEndWithTheirParent() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lumen-\(UUID().uuidString)").path()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let process = Process()
    process.executableURL = URL(filePath: BatchTests.command)
    process.arguments = ["run", BatchTests.cohort, "--out", folder, "--jobs", "2", "--json"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    _ = pipe.fileHandleForReading.availableData
    let workers = children(of: process.processIdentifier)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(!workers.isEmpty)
    let deadline = ContinuousClock.now + .seconds(5)
    while workers.contains(where: isRunning), ContinuousClock.now < deadline { usleep(10_000) }
    #expect(!workers.contains(where: isRunning))
  }

  private func children(of parent: Int32) -> [Int32] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return all.compactMap { Int32($0) }.filter { state($0)?.parent == parent }
  }
  private func isRunning(_ pid: Int32) -> Bool { state(pid).map { $0.letter != "Z" } ?? false }
  private func state(_ pid: Int32) -> (letter: Substring, parent: Int32)? {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
      let words = text.split(separator: ")").last?.split(separator: " "), words.count > 1
    else { return nil }
    return (words[0], Int32(words[1]) ?? 0)
  }
}

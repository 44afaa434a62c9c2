// SPDX-License-Identifier: Apache-2.0
import CSandbox
import Foundation
import LumenCore

/// One worker as its parent sees it. Used by one borrower at a time; nothing that it says is believed unchecked.
final class WorkerProcess: @unchecked Sendable {
  let pid: pid_t
  private let settings: WorkerSettings
  private let socket: Int32, memory: Int32, messages: Int32
  private var lastWords: [UInt8] = []
  private var hasGreeted = false
  private var hasEnded = false
  /// Whether the kernel filters its system calls; known once it was asked anything.
  private(set) var hasSandbox = false

  /// Starts a worker; it is waited for when it is first asked.
  ///
  /// - Throws: `io` when the system does not start it.
  init(_ settings: WorkerSettings) throws(ImageError) {
    self.settings = settings
    var pair: [Int32] = [-1, -1], pipe: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let made = socketpair(AF_UNIX, kind, 0, &pair) == 0 && socketpair(AF_UNIX, kind, 0, &pipe) == 0
    let memory = csandbox_memory()
    // Above the numbers that they get in the worker.
    let ends = [pair[1], memory, pipe[1]].map { fcntl($0, F_DUPFD_CLOEXEC, 10) }
    let reason = errno
    for fd in [pair[1], pipe[1]] where fd >= 0 { close(fd) }
    defer { for fd in [ends[0], ends[1], ends[2]] where fd >= 0 { close(fd) } }
    var pid: pid_t = 0
    var failed = made && ends.allSatisfy { $0 >= 0 } ? 0 : reason
    if failed == 0 {
      failed = Self.withStrings(settings.arguments) { arguments in
        Self.withStrings(settings.environment) { environment in
          csandbox_spawn(&pid, settings.executable, arguments, environment, ends[0], ends[1], ends[2])
        }
      }
    }
    guard failed == 0 else {
      for fd in [pair[0], memory, pipe[0]] where fd >= 0 { close(fd) }
      throw Self.notStarted(String(cString: strerror(failed)))
    }
    self.pid = pid
    self.memory = memory
    socket = pair[0]
    messages = pipe[0]
  }

  deinit {
    end()
    for fd in [socket, memory, messages] { close(fd) }
  }

  /// Whether it can be asked again: it lives and has said nothing unasked. Else it is ended.
  var isReady: Bool {
    if hasEnded { return false }
    var state = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    if poll(&state, 1, 0) == 0 || (!hasGreeted && Int32(state.revents) == POLLIN) { return true }
    end()
    return false
  }

  /// Asks; replies are fetched by ``receive(seconds:)``. A failure ends the worker.
  func send(_ request: WorkerRequest, seconds: Double) throws(ImageError) {
    if !hasGreeted { try greet() }
    let bytes: [UInt8]
    do { bytes = try WorkerChannel.encode(request, longest: WorkerChannel.longestRequest) } catch {
      throw ImageError(.malformed, "holds numbers that cannot be handed to the decoder")
    }
    do {
      try WorkerChannel.send(bytes, socket, .now + .seconds(seconds), drain)
    } catch { throw ended(error, seconds) }
  }

  /// The next reply. A failure ends the worker.
  ///
  /// - Throws: `limitExceeded` when it took too long or ran out of memory; `malformed` when it crashed or babbled.
  func receive(seconds: Double) throws(ImageError) -> WorkerReply {
    do {
      let reply = try next(seconds)
      if case .failed(let error) = reply { return .failed(error.bounded) }
      return reply
    } catch { throw ended(error, seconds) }
  }

  /// The voxels of a reply.
  func voxels(_ block: VoxelBlock) throws(ImageError) -> AnyVolume {
    do throws(ImageError) {
      let (kind, geometry, bytes) = try block.checked(settings.limits)
      defer { VoxelMemory.release(memory, bytes: bytes) }
      return try VoxelMemory.read(kind, geometry, bytes: bytes, from: memory)
    } catch {
      end()
      throw error
    }
  }

  /// A reply that was not asked for: the worker is not to be trusted any more.
  func strayReply() -> ImageError {
    end()
    return ImageError.worker("answered something else than it was asked")
  }

  /// Kills it and waits until it is gone.
  func end() {
    guard !hasEnded else { return }
    hasEnded = true
    kill(pid, SIGKILL)
    _ = reap()
  }

  private func greet() throws(ImageError) {
    do {
      let reply = try next(settings.seconds)
      guard case .ready(let version, let sandbox) = reply, version == Software.version else {
        throw WorkerChannel.Failure.garbage
      }
      hasGreeted = true
      hasSandbox = sandbox
    } catch {
      end()
      throw Self.notStarted("it did not answer\(hint)")
    }
  }

  private func next(_ seconds: Double) throws(WorkerChannel.Failure) -> WorkerReply {
    try WorkerChannel.decode(
      WorkerReply.self,
      try WorkerChannel.receive(
        socket, longest: WorkerChannel.longestReply, .now + .seconds(seconds), drain))
  }

  /// Keeps the end of what it writes to standard error.
  private func drain() {
    var part = [UInt8](repeating: 0, count: 4096)
    while true {
      let n = recv(messages, &part, part.count, Int32(MSG_DONTWAIT))
      if n <= 0 { return }
      lastWords = (lastWords + part[..<n]).suffix(4096)
    }
  }

  /// The line in which a crash says what it was; other lines may quote the file and stay here.
  private var hint: String {
    drain()
    let lines = String(decoding: lastWords, as: UTF8.self).split(separator: "\n")
    return lines.last { $0.hasPrefix("lumen: ") || $0.contains("Fatal error:") }.map { ": \($0.prefix(300))" } ?? ""
  }

  private func ended(_ failure: any Error, _ seconds: Double) -> ImageError {
    hasEnded = true
    kill(pid, SIGKILL)
    let status = reap()
    switch failure {
    case WorkerChannel.Failure.late:
      return ImageError(
        .limitExceeded, "decoding took more than \(shortest((seconds * 10).rounded() / 10)) s",
        hint: "the file is probably damaged or hostile; --in-process decodes without a deadline")
    case WorkerChannel.Failure.garbage:
      return ImageError.worker("answered with bytes that are no answer")
    default: break
    }
    let words = hint
    guard let status else { return ImageError.worker("ended without an answer\(words)") }
    let signal = status & 0x7F, code = status >> 8 & 0xFF
    let noMemory = ["out of memory", "bad_alloc", "allocat"].contains { lastWordsContain($0) }
    switch signal {
    case 0 where code == ExitCode.limitExceeded.rawValue, _ where noMemory && signal != SIGSEGV:
      return ImageError(
        .limitExceeded, "decoding needs more memory than the \(settings.memory >> 20) MiB it may take",
        hint: "--memory raises the limit")
    case 0: return ImageError.worker("ended with exit code \(code)\(words)")
    case SIGKILL:
      return ImageError(
        .limitExceeded, "the decoder was killed (signal 9), probably because the machine ran out of memory",
        hint: "--jobs 1 decodes one image at a time")
    case SIGXCPU: return ImageError(.limitExceeded, "decoding took more processor time than it may")
    case SIGXFSZ: return ImageError(.limitExceeded, "decoding gave more than \(settings.limits.decodedBytes) bytes")
    default: return ImageError.worker("crashed (signal \(signal))\(words)")
    }
  }

  private func lastWordsContain(_ text: String) -> Bool { String(decoding: lastWords, as: UTF8.self).contains(text) }

  /// Its wait status; nil when it cannot be had within five seconds.
  private func reap() -> Int32? {
    var status: Int32 = 0
    for attempt in 0..<5_000 {
      let n = waitpid(pid, &status, WNOHANG)
      if n == pid { return status }
      if n < 0 && errno != EINTR { return nil }
      usleep(attempt < 20 ? 50 : 1_000)
    }
    return nil
  }

  private static func notStarted(_ why: String) -> ImageError {
    ImageError(
      .io, "the decoding process cannot be started: \(why)", hint: "--in-process decodes inside this process")
  }

  private static func withStrings<R>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R
  ) -> R {
    let copies = strings.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    return copies.withUnsafeBufferPointer { body($0.baseAddress!) }
  }
}

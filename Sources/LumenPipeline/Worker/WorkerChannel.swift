// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// Messages over a socket: four bytes of length, little endian, then ``Wire``.
enum WorkerChannel {
  /// Longest request: the headers of a series of 100,000 files.
  static let longestRequest = 256 << 20
  /// Longest reply: the header of a multi-frame object with 65,536 positions takes 5 MB.
  static let longestReply = 32 << 20

  /// What ended a conversation.
  enum Failure: Error {
    case closed, late, garbage
  }

  static func encode(_ message: some Encodable, longest: Int) throws -> [UInt8] {
    let body = try Wire.encode(message)
    guard body.count <= longest else { throw Failure.garbage }
    return withUnsafeBytes(of: UInt32(body.count).littleEndian) { Array($0) } + body
  }

  static func decode<T: Decodable>(_ type: T.Type, _ body: [UInt8]) throws(Failure) -> T {
    do { return try Wire.decode(type, body) } catch { throw .garbage }
  }

  /// Writes all bytes before the deadline. `meanwhile` is called whenever there is time.
  static func send(_ bytes: [UInt8], _ fd: Int32, _ deadline: ContinuousClock.Instant?, _ meanwhile: () -> Void = {})
    throws(Failure)
  {
    var done = 0
    while done < bytes.count {
      let n = bytes.withUnsafeBytes {
        Glibc.send(fd, $0.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
      }
      let code = errno
      if n > 0 {
        done += n
      } else if code == EAGAIN {
        try wait(fd, POLLOUT, deadline, meanwhile)
      } else if code != EINTR {
        throw .closed
      }
    }
  }

  /// The next message before the deadline. Memory grows with what arrives, not with what is announced.
  static func receive(
    _ fd: Int32, longest: Int, _ deadline: ContinuousClock.Instant?, _ meanwhile: () -> Void = {}
  ) throws(Failure) -> [UInt8] {
    let head = try receive(fd, count: 4, deadline, meanwhile)
    let length = head.enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    guard length <= longest else { throw .garbage }
    return try receive(fd, count: length, deadline, meanwhile)
  }

  private static func receive(
    _ fd: Int32, count: Int, _ deadline: ContinuousClock.Instant?, _ meanwhile: () -> Void
  ) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: min(count, 1 << 16))
    while bytes.count < count {
      let n = part.withUnsafeMutableBytes {
        Glibc.recv(fd, $0.baseAddress!, min($0.count, count - bytes.count), Int32(MSG_DONTWAIT))
      }
      let code = errno
      if n > 0 {
        bytes += part[..<n]
      } else if n == 0 {
        throw .closed
      } else if code == EAGAIN {
        try wait(fd, POLLIN, deadline, meanwhile)
      } else if code != EINTR {
        throw .closed
      }
    }
    return bytes
  }

  private static func wait(
    _ fd: Int32, _ event: Int32, _ deadline: ContinuousClock.Instant?, _ meanwhile: () -> Void
  ) throws(Failure) {
    meanwhile()
    // Without a deadline (in the worker) it waits for as long as there is another side.
    var milliseconds: Int32 = -1
    if let deadline {
      let left = (deadline - .now) / .milliseconds(1)
      guard left > 0 else { throw .late }
      milliseconds = Int32(min(max(left, 1), 200))
    }
    var poll = pollfd(fd: fd, events: Int16(event), revents: 0)
    _ = Glibc.poll(&poll, 1, milliseconds)
  }
}

// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// Recycles large blocks of memory: fresh pages cost as much as a 3-D Gaussian, warm ones nothing.
///
/// Blocks of 1 MiB and more are rounded up to 2 MiB, aligned to 2 MiB with huge pages advised, and kept for reuse up to
/// ``capacity`` bytes; smaller ones come from `malloc`, which recycles them itself.
public final class BlockPool: Sendable {
  /// The one pool of the process.
  public static let shared = BlockPool(capacity: 1 << 30)

  private static let large = 1 << 20, page = 2 << 20

  private struct State {
    /// Addresses of free blocks by size.
    var free: [Int: [UInt]] = [:]
    var kept = 0
    var capacity: Int
  }
  private let state: Mutex<State>

  init(capacity: Int) { state = Mutex(State(capacity: capacity)) }

  /// Most bytes kept for reuse; lowering it frees what is above.
  public var capacity: Int {
    get { state.withLock { $0.capacity } }
    set {
      state.withLock { $0.capacity = newValue }
      if keptBytes > newValue { trim() }
    }
  }

  /// Bytes kept for reuse at present.
  public var keptBytes: Int { state.withLock { $0.kept } }

  /// Uninitialised memory, at least 64-byte aligned. Ends the process with a message when there is none left.
  func take(_ bytes: Int) -> UnsafeMutableRawPointer {
    precondition(bytes >= 0, "a block has a size")
    if bytes < Self.large { return Self.allocate(max(bytes, 1), alignment: 64) }
    let size = Self.rounded(bytes)
    let recycled = state.withLock { s -> UInt? in
      guard let block = s.free[size]?.popLast() else { return nil }
      s.kept -= size
      return block
    }
    if let recycled, let block = UnsafeMutableRawPointer(bitPattern: recycled) { return block }
    return Self.map(size)
  }

  /// Gives back a block that ``take(_:)`` gave for the same number of bytes.
  func give(_ block: UnsafeMutableRawPointer, _ bytes: Int) {
    if bytes < Self.large { return free(block) }
    let size = Self.rounded(bytes)
    let returned = UInt(bitPattern: block)
    let kept = state.withLock { s in
      guard s.kept + size <= s.capacity else { return false }
      s.free[size, default: []].append(returned)
      s.kept += size
      return true
    }
    if !kept { munmap(block, size) }
  }

  /// Frees every kept block.
  public func trim() {
    let blocks = state.withLock { s in
      defer { (s.free, s.kept) = ([:], 0) }
      return s.free
    }
    for (size, addresses) in blocks {
      for address in addresses { munmap(UnsafeMutableRawPointer(bitPattern: address), size) }
    }
  }

  private static func rounded(_ bytes: Int) -> Int { (bytes + page - 1) / page * page }

  /// Memory of its own, aligned to a huge page: `malloc` would leave holes between such blocks.
  private static func map(_ size: Int) -> UnsafeMutableRawPointer {
    guard let area = mmap(nil, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      area != MAP_FAILED
    else { endForWantOfMemory(size) }
    let before = (page - Int(bitPattern: area) % page) % page, block = area + before
    if before > 0 { munmap(area, before) }
    if before < page { munmap(block + size, page - before) }
    madvise(block, size, MADV_HUGEPAGE)
    return block
  }

  private static func allocate(_ bytes: Int, alignment: Int) -> UnsafeMutableRawPointer {
    var pointer: UnsafeMutableRawPointer?
    guard posix_memalign(&pointer, alignment, bytes) == 0, let pointer else { endForWantOfMemory(bytes) }
    return pointer
  }

  private static func endForWantOfMemory(_ bytes: Int) -> Never {
    let message = "lumen: out of memory: \(bytes) bytes were needed\n"
    _ = message.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    exit(ExitCode.limitExceeded.rawValue)
  }
}

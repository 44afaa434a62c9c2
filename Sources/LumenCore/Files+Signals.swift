// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

extension Files {
  /// Removes unfinished files when a signal ends the process (SIGINT, SIGTERM, SIGHUP); a signal that is ignored stays so.
  public static func removeUnfinishedOnSignals() {
    _ = Unfinished.names
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var old = sigaction()
      guard sigaction(number, nil, &old) == 0, old.__sigaction_handler.sa_handler == nil else { continue }
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { number in
        // Only what is safe in a signal handler: memory that is there already, unlink, raise.
        for slot in 0..<Unfinished.slots where Unfinished.names[slot * Unfinished.length] != 0 {
          unlink(Unfinished.names + slot * Unfinished.length)
        }
        raise(number)
      }
      action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
      sigaction(number, &action, nil)
    }
  }

  /// The names of files that are being written, where a signal handler may read them.
  enum Unfinished {
    static let slots = 64, length = 4096
    /// A name a slot, ended by zero; a slot without a name begins with zero.
    nonisolated(unsafe) static let names: UnsafeMutablePointer<CChar> = {
      let names = UnsafeMutablePointer<CChar>.allocate(capacity: slots * length)
      names.initialize(repeating: 0, count: slots * length)
      return names
    }()
    private static let used = Atomic<UInt64>(0)

    /// Keeps a name until ``forget(_:)``; nil when it is too long or all slots are taken, and nothing is kept.
    static func remember(_ name: String) -> Int? {
      let bytes = name.utf8.map { CChar(bitPattern: $0) }
      guard !bytes.isEmpty, bytes.count < length else { return nil }
      var taken = used.load(ordering: .relaxed), slot = 0
      while true {
        slot = (~taken).trailingZeroBitCount
        guard slot < slots else { return nil }
        let (done, now) = used.compareExchange(
          expected: taken, desired: taken | 1 << UInt64(slot), ordering: .acquiringAndReleasing)
        if done { break }
        taken = now
      }
      let place = names + slot * length
      // The first byte comes last: a handler never sees half a name.
      for i in (0..<bytes.count).reversed() { place[i] = bytes[i] }
      return slot
    }

    /// Frees a slot.
    static func forget(_ slot: Int?) {
      guard let slot else { return }
      let place = names + slot * length
      place[0] = 0
      (place + 1).update(repeating: 0, count: length - 1)
      used.bitwiseAnd(~(1 << UInt64(slot)), ordering: .acquiringAndReleasing)
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// A progress bar with the time left, on a terminal only. Any thread may move it.
final class ProgressBar: Sendable {
  private let visible = isatty(STDERR_FILENO) == 1
  private let start = ContinuousClock.now
  private let state = Mutex<(done: Int, kept: Int, total: Int)>((0, 0, 0))

  /// How many items there are.
  func begin(_ total: Int) { change { $0.total = total } }

  /// One item is done; `kept` when nothing had to be done for it.
  func advance(kept: Bool = false) {
    change { s in
      s.done += 1
      if kept { s.kept += 1 }
    }
  }

  /// Takes the bar off the screen.
  func clear() { if visible { write("\r\u{1B}[K") } }

  private func change(_ body: (inout (done: Int, kept: Int, total: Int)) -> Void) {
    guard visible else { return }
    state.withLock { s in
      body(&s)
      let elapsed = (ContinuousClock.now - start) / .seconds(1), worked = s.done - s.kept
      let left = worked > 0 ? String(format: " · %.0f s left", elapsed / Double(worked) * Double(s.total - s.done)) : ""
      let filled = s.total > 0 ? 30 * s.done / s.total : 0
      let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
      write("\r\u{1B}[K\(bar) \(s.done)/\(s.total)\(left)")
    }
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

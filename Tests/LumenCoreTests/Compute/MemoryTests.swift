// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import LumenCore

@Suite("Memory · what is available")
struct MemoryTests {
  /// Files of a system below a folder.
  private func available(_ files: [String: String]) throws -> Int? {
    let root = FileManager.default.temporaryDirectory.appending(path: "memory-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    for (path, text) in files {
      let file = root.appending(path: path)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    return Memory.available(root: root.path)
  }

  private let machine = ["proc/meminfo": "MemTotal:       16000000 kB\nMemAvailable:    8000000 kB\n"]

  @Test func isTheLeastOfMachineAndGroups() throws {
    #expect(try available([:]) == nil)
    #expect(try available(machine) == 8_000_000 << 10)
    let unlimited = [
      "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n", "sys/fs/cgroup/memory.current": "5\n",
    ]
    #expect(try available(machine.merging(unlimited) { $1 }) == 8_000_000 << 10)
    // The upper of two groups leaves less: 2 GiB − 1.5 GiB, of which 0.25 GiB are pages of files.
    let nested = [
      "proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "4294967296\n",
      "sys/fs/cgroup/a/b/memory.current": "1073741824\n", "sys/fs/cgroup/a/memory.max": "2147483648\n",
      "sys/fs/cgroup/a/memory.current": "1610612736\n",
      "sys/fs/cgroup/a/memory.stat": "anon 5\ninactive_file 268435456\n",
    ]
    #expect(try available(machine.merging(nested) { $1 }) == 768 << 20)
    let old = [
      "proc/self/cgroup": "5:cpu:/x\n4:memory:/docker/1\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "1073741824\n",
      "sys/fs/cgroup/memory/memory.usage_in_bytes": "2073741824\n",
    ]
    #expect(try available(machine.merging(old) { $1 }) == 0)
    #expect(Memory.available.map { $0 > 0 } ?? true)
  }

  @Test(arguments: [
    ("512M", 512 << 20), ("2G", 2 << 30), ("1.5 GiB", 3 << 29), ("1000000", 1_000_000), ("3kB", 3 << 10),
    ("1t", 1 << 40),
    ("0", 0), ("", nil), ("G", nil), ("-1G", nil), ("nan", nil), ("0x10", nil), ("2GG", nil), ("1e30", nil),
    ("2 Q", nil),
  ])
  func readsText(_ text: String, _ bytes: Int?) { #expect(Memory.bytes(text) == bytes) }

  @Test func writesText() {
    #expect(Memory.text(3 << 29) == "1.5 GiB")
    #expect(Memory.text(256 << 20) == "256 MiB")
    #expect(Memory.text(17) == "17 bytes")
  }
}

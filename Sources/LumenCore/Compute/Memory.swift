// SPDX-License-Identifier: Apache-2.0
import Glibc

/// How much memory there is.
public enum Memory {
  /// Bytes that this process may still take: what the machine has free or reclaimable, or less where a control group
  /// limits it. Nil where the system does not say.
  ///
  /// - Source: proc(5), `MemAvailable`; Linux "Control Group v2", `memory.max`, and v1, `memory.limit_in_bytes`.
  public static var available: Int? { available(root: "") }

  /// As ``available``, with the system's files below a folder.
  static func available(root: String) -> Int? {
    var least: Int?
    func bound(_ bytes: Int?) {
      if let bytes { least = min(least ?? bytes, max(0, bytes)) }
    }
    if let line = lines(root + "/proc/meminfo").first(where: { $0.hasPrefix("MemAvailable:") }) {
      bound(line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 })
    }
    for line in lines(root + "/proc/self/cgroup") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      if parts[1].isEmpty {
        for folder in above(parts[2], root + "/sys/fs/cgroup") {
          bound(rest(folder, limit: "memory.max", used: "memory.current", cache: "inactive_file"))
        }
      } else if parts[1].split(separator: ",").contains("memory") {
        for folder in above(parts[2], root + "/sys/fs/cgroup/memory") {
          bound(
            rest(folder, limit: "memory.limit_in_bytes", used: "memory.usage_in_bytes", cache: "total_inactive_file"))
        }
      }
    }
    return least
  }

  /// A group's folder and those above it; a container sees its own group as the uppermost one.
  private static func above(_ path: Substring, _ mount: String) -> [String] {
    var parts = path.split(separator: "/"), folders = [mount]
    while !parts.isEmpty {
      folders.append("\(mount)/\(parts.joined(separator: "/"))")
      parts.removeLast()
    }
    return folders
  }

  /// What is left of a group's limit; file pages that are not in use do not count. Nil without a limit.
  private static func rest(_ folder: String, limit: String, used: String, cache: String) -> Int? {
    func number(_ name: String) -> Int? { lines("\(folder)/\(name)").first.flatMap { Int($0) } }
    guard let limit = number(limit), let used = number(used), limit < 1 << 60 else { return nil }
    let reclaimable = lines("\(folder)/memory.stat").first { $0.hasPrefix(cache + " ") }
    return limit - used + (reclaimable.flatMap { Int($0.dropFirst(cache.count + 1)) } ?? 0)
  }

  private static func lines(_ path: String) -> [Substring] {
    guard let bytes = try? Files.head(path, 1 << 16) else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  }
}

extension Memory {
  /// Bytes of text such as "512M", "2G", "1.5 GiB" or "1000000"; nil for anything else.
  public static func bytes(_ text: String) -> Int? {
    var number = Substring(text), shift = 0.0
    for ending in ["iB", "B", ""] where number.hasSuffix(ending) {
      number = number.dropLast(ending.count)
      break
    }
    for (letter, power) in [("K", 10.0), ("M", 20), ("G", 30), ("T", 40)] where number.uppercased().hasSuffix(letter) {
      number = number.dropLast()
      shift = power
    }
    while number.last == " " { number = number.dropLast() }
    guard let first = number.first, first.isNumber, let value = Double(number),
      !number.contains(where: { "xX".contains($0) })
    else { return nil }
    let bytes = value * exp2(shift)
    return bytes < 0x1p60 ? Int(bytes) : nil
  }

  /// Bytes as text for people: "1.5 GiB".
  public static func text(_ bytes: Int) -> String {
    for (name, power) in [("GiB", 30), ("MiB", 20), ("KiB", 10)] where bytes >= 1 << power {
      let tenths = (Double(bytes) / exp2(Double(power)) * 10).rounded()
      return "\(shortest(tenths / 10)) \(name)"
    }
    return "\(bytes) bytes"
  }
}

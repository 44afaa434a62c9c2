// SPDX-License-Identifier: Apache-2.0
import CSIMD
import LumenCore

/// The length of the vector whose components are the channels, in the first channel's row.
@Sendable
func rootOfSquares(_ channels: [UnsafeMutablePointer<Float>], _ offset: Int, _ count: Int) {
  var x = 0
  while x < count {
    let a = load16(channels[0] + x)
    var sum = a * a
    for row in channels.dropFirst() {
      let b = load16(row + x)
      sum = multiplyAdd(b, b, sum)
    }
    store16(v_sqrt(sum), channels[0] + x)
    x &+= 16
  }
}

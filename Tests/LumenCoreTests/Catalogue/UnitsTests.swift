// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@Suite("Length and numbers as text")
struct UnitsTests {
  @Test(arguments: [
    ("2mm", 2), ("0.5 cm", 5), ("2", 2), ("2.5", 2.5), ("1e1mm", 10), ("-3mm", -3), ("0.1cm", 1), ("+4 mm", 4),
  ])
  func parses(_ text: String, _ millimetres: Double) {
    #expect(Length(text)?.millimetres == millimetres)
  }

  @Test(arguments: [
    "", "mm", "two mm", "2 m", "2mmm", "2m m", " 2mm", "inf", "nan", "infmm", "1e400", "1e308cm", "2,5mm", "0x10mm",
    "2mm ",
  ])
  func refusesMalformed(_ text: String) {
    #expect(Length(text) == nil)
  }

  @Test func ordersAndPrints() {
    #expect(Length.mm(2) < .cm(1) && Length.cm(1) == .mm(10))
    #expect(Length.mm(2).description == "2mm" && Length.mm(0.1).description == "0.1mm")
  }

  @Test(
    arguments: [
      (0, "0"), (-0.0, "0"), (2, "2"), (-17, "-17"), (0.1, "0.1"), (1.0 / 3, "0.3333333333333333"), (1e-7, "1e-07"),
      (123_456_789_012_345, "123456789012345"), (1e15, "1000000000000000"), (1e17, "1e+17"), (.nan, "nan"),
      (.infinity, "inf"), (-.infinity, "-inf"),
    ] as [(Double, String)])
  func shortestDecimal(_ value: Double, _ text: String) {
    #expect(shortest(value) == text)
  }

  @Test func shortestReadsBackTheSame() {
    var bits: UInt64 = 0x9E37_79B9_7F4A_7C15
    for _ in 0..<2000 {
      bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let value = Double(bitPattern: bits)
      guard value.isFinite else { continue }
      #expect(Double(shortest(value)) == value)
      #expect(value.magnitude > 1e300 || Length(Length.mm(value).description)?.millimetres == value)
    }
  }
}

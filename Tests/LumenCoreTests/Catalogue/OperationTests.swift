// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import LumenCore

private enum Colour: String, CaseIterable { case red, green }

private struct Sample: LumenCore.Operation {
  var radius = Length.mm(1)
  var weight = 0.5
  var rounds = 3
  var isClosed = true
  var colour = Colour.red
  static let catalogue = Entry<Self>(
    "sample", summary: "nothing", source: "this test",
    parameters: [
      Parameter(\.radius, "radius", .mm(0.1) ... .cm(5), "of the ball"),
      Parameter(\.weight, "weight", 0...1, "of the ball"),
      Parameter(\.rounds, "rounds", 1...10, "how often"),
      Parameter(\.isClosed, "closed", "whether it is"),
      Parameter(\.colour, "colour", "of the ball"),
    ])
}

@Suite("Operation · parameters are declared once")
struct OperationTests {
  private func make(_ name: String, _ value: String) throws(ImageError) -> Sample? {
    try Sample.catalogue.make([(name, value)]) as? Sample
  }

  @Test func goodValues() throws {
    #expect(try make("radius", "2.5mm")?.radius == .mm(2.5))
    #expect(try make("radius", "5cm")?.radius == .mm(50))
    #expect(try make("radius", "0.1")?.radius == .mm(0.1))
    #expect(try make("weight", "1")?.weight == 1)
    #expect(try make("weight", "2.5e-1")?.weight == 0.25)
    #expect(try make("rounds", "10")?.rounds == 10)
    #expect(try make("closed", "no")?.isClosed == false)
    #expect(try make("closed", "yes")?.isClosed == true)
    #expect(try make("colour", "green")?.colour == .green)
  }

  @Test(arguments: [
    ("radius", "0.05mm", "0.1mm … 50mm"), ("radius", "51mm", "0.1mm … 50mm"), ("radius", "wide", "0.1mm … 50mm"),
    ("radius", "nan", "0.1mm … 50mm"), ("weight", "1.01", "0 … 1"), ("weight", "nan", "0 … 1"), ("weight", "", "0 … 1"),
    ("rounds", "0", "1 … 10"), ("rounds", "2.0", "1 … 10"), ("rounds", "99999999999999999999", "1 … 10"),
    ("closed", "maybe", "true | false"), ("closed", "TRUE", "true | false"), ("colour", "blue", "red | green"),
  ])
  func badValuesNameParameterValueAndRange(_ name: String, _ value: String, _ range: String) {
    #expect(
      throws: ImageError(.invalidParameter, "\(name) is \"\(value)\", expected \(range)", place: "sample")
    ) { try make(name, value) }
  }

  @Test func unknownNamesSuggestTheNearest() {
    #expect(
      throws: ImageError(
        .invalidParameter, "unknown parameter of sample: \"raduis\"",
        hint: "did you mean \"radius\"? Known: radius, weight, rounds, closed, colour")
    ) { try make("raduis", "2mm") }
    #expect(unknownName("x", kind: "filter", known: []).hint == "it has none")
    #expect(unknownName("otsu", kind: "filter", known: ["mean", "sobel"]).hint == "Known: mean, sobel")
    #expect(unknownName("colr", kind: "parameter", known: ["radius", "colour"]).hint?.contains("\"colour\"") == true)
  }

  @Test func valuesReadBackAsTheSameOperation() throws {
    var operation = Sample()
    operation.radius = .mm(1.0 / 3)
    operation.weight = 0.1
    operation.colour = .green
    let text = Sample.catalogue.values(of: operation)
    #expect(text.map(\.name) == ["radius", "weight", "rounds", "closed", "colour"])
    #expect(text.map(\.value) == ["0.3333333333333333mm", "0.1", "3", "true", "green"])
    #expect(try Sample.catalogue.make(text) as? Sample == operation)
    #expect(Sample.catalogue.parameterList.map(\.default) == ["1mm", "0.5", "3", "true", "red"])
  }

  @Test func valuesGivenTwiceAreRefused() {
    let error = #expect(throws: ImageError.self) { try Sample.catalogue.make([("rounds", "2"), ("rounds", "4")]) }
    #expect(error?.kind == .invalidParameter && error?.what == "rounds is given twice")
  }

  @Test(arguments: [
    ("", "", 0), ("abc", "", 3), ("", "ab", 2), ("kitten", "sitting", 3), ("flaw", "lawn", 2), ("é", "e", 1),
  ])
  func editDistanceIsLevenshtein(_ a: String, _ b: String, _ distance: Int) {
    #expect(editDistance(a, b) == distance && editDistance(b, a) == distance)
  }
}

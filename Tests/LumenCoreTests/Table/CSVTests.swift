// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@Suite("CSV · RFC 4180")
struct CSVTests {
  @Test(arguments: [
    ("plain", "a,b\n1,2\n", [["1", "2"]]),
    ("no last line end", "a,b\n1,2", [["1", "2"]]),
    ("carriage returns", "a,b\r\n1,2\r\n", [["1", "2"]]),
    ("last carriage return alone", "a,b\r\n1,2\r", [["1", "2"]]),
    ("byte order mark", "\u{FEFF}a,b\n1,2\n", [["1", "2"]]),
    ("empty lines", "a,b\n\n1,2\n\r\n\n", [["1", "2"]]),
    ("quoted comma", "a,b\n\"1,5\",2\n", [["1,5", "2"]]),
    ("quoted quote", "a,b\n\"say \"\"no\"\"\",2\n", [["say \"no\"", "2"]]),
    ("quoted line end", "a,b\n\"1\n2\",3\n", [["1\n2", "3"]]),
    ("empty fields", "a,b\n,\n\"\",\"\"\n", [["", ""], ["", ""]]),
    ("quote inside a field", "a,b\n5\"x,2\n", [["5\"x", "2"]]),
    ("spaces stay", "a,b\n 1 , 2\n", [[" 1 ", " 2"]]),
    ("other scripts", "a,b\nµm,胸\n", [["µm", "胸"]]),
  ])
  func reads(_ name: String, _ text: String, _ rows: [[String]]) throws {
    let csv = try CSV(text)
    #expect(csv.header == ["a", "b"], "\(name)")
    #expect(csv.rows == rows, "\(name)")
  }

  @Test(arguments: [
    ("", "the table is empty, expected a header line"),
    ("\n\n", "the table is empty, expected a header line"),
    ("a,b\n1\n", "record 2 has 1 fields, the header has 2"),
    ("a,b\n1,2\n1,2,3\n", "record 3 has 3 fields, the header has 2"),
    ("a,b\n1,\"2\n3,4\n", "record 2 has a quoted field that does not end"),
  ])
  func malformed(_ text: String, _ what: String) {
    #expect {
      _ = try CSV(text)
    } throws: {
      ($0 as? ImageError)?.kind == .malformed && ($0 as? ImageError)?.what == what
    }
  }

  @Test func linesQuoteOnlyWhatMustBe() {
    #expect(csvLine(["a", "b c", ""]) == "a,b c,\n")
    #expect(csvLine(["1,5", "say \"no\"", "x\ny", "r\r"]) == "\"1,5\",\"say \"\"no\"\"\",\"x\ny\",\"r\r\"\n")
    #expect(csvLine([""]) == "\"\"\n")
  }

  @Test func writtenLinesReadBack() throws {
    let alphabet = ["", "a", ",", "\"", "\n", "\r", "\r\n", " ", "é", "1,\"2\"\n"]
    for x in alphabet {
      for y in alphabet {
        #expect(try CSV(csvLine(["h", "i"]) + csvLine([x, y + x])).rows == [[x, y + x]])
        #expect(try CSV(csvLine(["h"]) + csvLine([x])).rows == [[x]])
      }
    }
  }

  @Test func columnsByName() throws {
    let csv = try CSV("id,class\n1,A\n")
    #expect(try csv.index(of: "class") == 1)
    #expect {
      _ = try csv.index(of: "clas")
    } throws: {
      let e = $0 as? ImageError
      return e?.kind == .notFound && e?.hint?.contains("\"class\"") == true
    }
  }
}
